import type { TaskEvent } from "@rbee/contract";
import type { DialectTask } from "./admit-dialect-task.ts";

const storyTypes: ReadonlySet<string> = new Set(["accepted", "narration", "progress", "metrics"]);

/**
 * A line of a stream that other clients skip, for what rbee has to tell beside the answer: the
 * story of the task where it was asked for, and which worker it became where the head of the
 * answer could not say so. Empty when there is nothing to tell.
 */
export function storyComment(
  event: TaskEvent,
  { task, hasNarration }: { readonly task: DialectTask; readonly hasNarration: boolean },
): string {
  if (hasNarration && storyTypes.has(event.type)) return comment(event);
  return event.type === "started" ? placedComment(task) : "";
}

function placedComment({ record, outlook }: DialectTask): string {
  const { node, workerId } = record.state();
  if (workerId === null || workerId === outlook.workerId) return "";
  return comment({ type: "placed", task_id: record.id, node, worker_id: workerId });
}

// JSON has no line breaks of its own.
function comment(event: object): string {
  return `: ${JSON.stringify(event)}\n\n`;
}
