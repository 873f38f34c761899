import { RbeeError } from "@rbee/contract";
import type { TaskPriority } from "@rbee/contract";
import type { Caller } from "@rbee/daemon";
import { judgePriority } from "../domain/judge-priority.ts";

/**
 * The priority of a task of that caller. Throws KEY_PRIORITY_DENIED when it asked for a higher one
 * than its key may have.
 */
export function requirePriorityAllowed(
  { name, priority: highest }: Pick<Caller, "name" | "priority">,
  asked: TaskPriority | undefined,
): TaskPriority {
  const priority = judgePriority(asked, highest);
  if (priority !== undefined) return priority;
  throw new RbeeError("KEY_PRIORITY_DENIED", { key: name, asked: asked ?? "normal", highest });
}
