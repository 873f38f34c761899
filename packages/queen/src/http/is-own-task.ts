import type { Caller } from "@rbee/daemon";
import type { TaskRecord } from "../flow/task-registry.ts";

/** Whether a task is that caller's affair: its own, or any for who operates the queen. */
export function isOwnTask(
  { id, scope }: Pick<Caller, "id" | "scope">,
  { source }: Pick<TaskRecord, "source">,
): boolean {
  return scope === "operate" || source === id;
}
