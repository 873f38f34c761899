import { setTimeout as wait } from "node:timers/promises";
import { timings } from "@rbee/contract";
import type { WorkerView } from "../domain/worker-view.ts";
import type { TaskRecord } from "./task-registry.ts";

/**
 * After a hive had less room in the end than it had said. True after a moment in which room may
 * have come free: others are on that node, and one of them was sooner. False where nobody is: a
 * moment later it would fit no better.
 */
export async function waitForRoom(
  { view }: { readonly view: Pick<WorkerView, "facts"> },
  record: Pick<TaskRecord, "state">,
  signal: AbortSignal,
): Promise<boolean> {
  const { node } = record.state();
  const there = node === null ? undefined : view.facts(performance.now()).findNode(node);
  const others = there === undefined ? [] : [...there.workers, ...there.makings];
  if (others.length === 0) return false;
  await wait(timings.roomPauseMs, undefined, { signal }).catch(() => {});
  return true;
}
