import type { Logger } from "@rbee/daemon";
import type { TaskEnd } from "./flow/run-task.ts";

/** One line for each task that is over. */
export function logTaskEnd(
  logger: Logger,
  { outcome, task, tokens, correlationId, failure }: TaskEnd,
): void {
  const { id: task_id, node, workerId: worker_id, errorCode: code } = task;
  const figures = { correlation_id: correlationId, task_id, node, worker_id, tokens, code };
  const level = outcome === "failed" ? "warn" : "info";
  logger[level](
    { ...figures, ...(failure === undefined ? {} : { error: failure }) },
    `task ${outcome}`,
  );
}
