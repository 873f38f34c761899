import type { QueenWorker } from "@rbee/contract";
import { formatBytes, formatSeconds } from "./figures.ts";
import { renderTable } from "./render-table.ts";
import type { Column } from "./render-table.ts";

/** The table of workers, or one line that says that there are none. */
export function renderWorkers(workers: readonly QueenWorker[], now: Date): readonly string[] {
  if (workers.length === 0) return ["No workers."];
  const columns: readonly Column<QueenWorker>[] = [
    { heading: "ID", cell: (worker) => worker.worker_id },
    { heading: "NODE", cell: (worker) => worker.node },
    { heading: "STATE", cell: (worker) => worker.state },
    { heading: "MODEL", cell: (worker) => worker.model_ref },
    { heading: "BACKEND:DEVICE", cell: (worker) => `${worker.backend}:${worker.device}` },
    { heading: "FREE SLOTS", cell: (worker) => `${worker.slots_available}/${worker.slots_total}` },
    { heading: "MEMORY", cell: (worker) => formatBytes(worker.memory_bytes), align: "right" },
    { heading: "IDLE", cell: (worker) => idleTime(worker, now), align: "right" },
    { heading: "URL", cell: (worker) => worker.url ?? "-" },
  ];
  return renderTable(columns, workers);
}

function idleTime({ state, last_activity: last }: QueenWorker, now: Date): string {
  if (state !== "idle" || last === null) return "-";
  return formatSeconds((now.getTime() - Date.parse(last)) / 1000);
}
