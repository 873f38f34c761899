import type { QueenState } from "../../state/live-state.ts";

export type Task = QueenState["tasks"][number];

const ended: ReadonlySet<Task["phase"]> = new Set(["done", "failed", "cancelled"]);

/** Running or waiting. */
export function isOpenTask({ phase }: Task): boolean {
  return !ended.has(phase);
}
