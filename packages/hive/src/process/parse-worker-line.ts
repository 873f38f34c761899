import { ModelCapabilities, Narration, WorkerState } from "@rbee/contract";
import { z } from "zod";
import type { WorkerStatus } from "../domain/advance-worker.ts";

const StatusLine = z.object({
  status: z.object({
    state: WorkerState,
    slots_total: z.int(),
    slots_available: z.int(),
    memory_bytes: z.int(),
    last_activity: z.iso.datetime().nullable(),
    context: z.int(),
    capabilities: ModelCapabilities.optional(),
  }),
});
const NarrationLine = z.object({ narration: Narration });

export type WorkerLine =
  | { readonly type: "status"; readonly status: WorkerStatus }
  | { readonly type: "narration"; readonly narration: Narration }
  /** A line of its log, which needs no more than being kept. */
  | { readonly type: "other" };

/** Reads one line of a worker's stdout. Whatever is no status or narration is a line of its log. */
export function parseWorkerLine(line: string): WorkerLine {
  if (!line.startsWith('{"status":') && !line.startsWith('{"narration":')) return { type: "other" };
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return { type: "other" };
  }
  const status = StatusLine.safeParse(parsed);
  if (status.success) return { type: "status", status: statusFromWire(status.data.status) };
  const narration = NarrationLine.safeParse(parsed);
  if (narration.success) return { type: "narration", narration: narration.data.narration };
  return { type: "other" };
}

function statusFromWire(status: z.infer<typeof StatusLine>["status"]): WorkerStatus {
  return {
    state: status.state,
    slotsTotal: status.slots_total,
    slotsAvailable: status.slots_available,
    memoryBytes: status.memory_bytes,
    context: status.context,
    ...(status.capabilities === undefined ? {} : { capabilities: status.capabilities }),
    lastActivityUnixMs: status.last_activity === null ? null : Date.parse(status.last_activity),
  };
}
