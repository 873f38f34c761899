import { timings } from "@rbee/contract";
import type { WorkerRecord } from "./worker-record.ts";

/**
 * Whether the answers of a worker to HTTP count. While it starts or loads, the limits of starting
 * and loading judge it; once its end is wanted, the limits of stopping do.
 */
export function countsHealth(worker: Pick<WorkerRecord, "state" | "goneReason">): boolean {
  return worker.goneReason === null && (worker.state === "idle" || worker.state === "busy");
}

/** Three failed checks in a row are the end of a worker. */
export function judgeHealth(
  worker: Pick<WorkerRecord, "failedHealthChecks">,
): "healthy-enough" | "unresponsive" {
  const isGone = worker.failedHealthChecks >= timings.workerHealthFailuresMax;
  return isGone ? "unresponsive" : "healthy-enough";
}
