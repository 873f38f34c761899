import type { Narration } from "@rbee/contract";
import type { WorkerStatus } from "../ports.ts";

/** Writes one line of what the hive reads from our stdout. */
type WriteLine = (line: string) => void;

/** A line of JSON whose first key tells the hive what it is. */
export function reportStatus(status: WorkerStatus, write: WriteLine): void {
  const line = {
    status: {
      state: status.state,
      slots_total: status.slotsTotal,
      slots_available: status.slotsAvailable,
      memory_bytes: status.memoryBytes,
      last_activity: status.lastActivity?.toISOString() ?? null,
      context: status.contextSize,
      ...(status.capabilities === undefined ? {} : { capabilities: status.capabilities }),
    },
  };
  write(`${JSON.stringify(line)}\n`);
}

export function reportNarration(narration: Narration, write: WriteLine): void {
  write(`${JSON.stringify({ narration })}\n`);
}
