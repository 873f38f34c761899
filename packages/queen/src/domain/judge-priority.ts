import { taskPriorities } from "@rbee/contract";
import type { TaskPriority } from "@rbee/contract";

/**
 * The priority of a task: as asked for, else normal or what the key may have, whichever is lower.
 * Undefined when more was asked for than the key may have.
 */
export function judgePriority(
  asked: TaskPriority | undefined,
  highest: TaskPriority,
): TaskPriority | undefined {
  const rank = (priority: TaskPriority) => taskPriorities.indexOf(priority);
  if (asked === undefined) return rank(highest) < rank("normal") ? highest : "normal";
  return rank(asked) > rank(highest) ? undefined : asked;
}
