import { RbeeError } from "@rbee/contract";
import type { HttpWorld } from "../http-world.ts";
import { admitDialectTask } from "../openai-shared/admit-dialect-task.ts";
import type { DialectCall, DialectTask } from "../openai-shared/admit-dialect-task.ts";
import type { NamedTask } from "./shared-to-task.ts";

interface ChoiceOrders {
  readonly call: DialectCall;
  /** Of the whole answer; the tasks of its later choices add their number. */
  readonly id: string;
  readonly requests: readonly NamedTask[];
}

/** Lets the tasks of all choices in, or none of them. Throws what one was refused with. */
export async function admitChoices(
  world: HttpWorld,
  { call, id, requests }: ChoiceOrders,
): Promise<DialectTask[]> {
  const admitted: DialectTask[] = [];
  try {
    for (const [index, request] of requests.entries()) {
      const taskId = index === 0 ? id : `${id}-${index}`;
      admitted.push(await admitDialectTask(world, { taskId, call, request }));
    }
    return admitted;
  } catch (error) {
    for (const task of admitted) await giveUp(task);
    throw error;
  }
}

// Its slot, or its place in the queue, is given back when it runs to its end.
async function giveUp(task: DialectTask): Promise<void> {
  const signal = AbortSignal.abort(new RbeeError("REQUEST_CANCELED", {}));
  const nothing = { signal, send: () => undefined, sendFrames: () => undefined };
  await task.run(nothing).catch(() => {});
}
