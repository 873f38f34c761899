import { RbeeError, timings } from "@rbee/contract";
import { isOwnTask } from "./is-own-task.ts";
import type { HttpWorld, QueenHandler } from "./http-world.ts";

/** Idempotent: a task that is unknown or over is cancelled already. */
export function cancelTask({ tasks }: HttpWorld): QueenHandler<"cancelTask"> {
  return async ({ params, caller }) => {
    const task = tasks.find(params["task_id"] ?? "");
    // Of somebody else's task a key of scope `use` does not even hear that there is one.
    if (task === undefined || !isOwnTask(caller, task)) return undefined;
    task.end(new RbeeError("REQUEST_CANCELED", { tokens_generated: task.tokens() }));
    // Acknowledged when the slot is free again, or at the latest after this limit.
    let limit: ReturnType<typeof setTimeout> | undefined;
    const isLate = new Promise<void>((resolve) => {
      limit = setTimeout(resolve, timings.cancelTimeoutMs);
    });
    await Promise.race([task.ended, isLate]);
    clearTimeout(limit);
    return undefined;
  };
}
