import type { DialectTask } from "./admit-dialect-task.ts";

/** What a client of another dialect can know of its tasks, beside the answer. */
export function rbeeHeaders(tasks: readonly DialectTask[]): Record<string, string> {
  const [first] = tasks;
  if (first === undefined) return {};
  const { node, workerId, queuePosition, phase } = first.record.state();
  const isNew = phase === "placing" && workerId === null;
  const position = queuePosition ?? (isNew ? first.outlook.queuePosition() : undefined);
  const facts = {
    "x-rbee-task-id": tasks.map(({ record }) => record.id).join(", "),
    "x-rbee-node": node ?? first.outlook.node,
    "x-rbee-worker": workerId ?? first.outlook.workerId,
    "x-rbee-queue-position": position === 0 ? undefined : position,
  };
  const known = Object.entries(facts).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known.map(([name, value]) => [name, String(value)]));
}
