import type { TaskOnWire } from "@rbee/contract";
import { formatSeconds } from "./figures.ts";
import { renderTable } from "./render-table.ts";
import type { Column } from "./render-table.ts";

/** The table of requests, or one line that says that there are none. */
export function renderTasks(tasks: readonly TaskOnWire[], now: Date): readonly string[] {
  if (tasks.length === 0) return ["No requests."];
  const columns: readonly Column<TaskOnWire>[] = [
    { heading: "ID", cell: (task) => task.task_id },
    { heading: "PHASE", cell: phaseOf },
    { heading: "MODEL", cell: (task) => task.model },
    { heading: "NODE", cell: (task) => task.node ?? "-" },
    { heading: "TOKENS", cell: (task) => String(task.tokens), align: "right" },
    { heading: "TOKENS/S", cell: (task) => task.tokens_per_sec.toFixed(1), align: "right" },
    {
      heading: "AGE",
      cell: ({ started_at: start }) => formatSeconds((now.getTime() - Date.parse(start)) / 1000),
      align: "right",
    },
  ];
  return renderTable(columns, tasks);
}

function phaseOf({ phase, queue_position: position, error_code: code }: TaskOnWire): string {
  if (phase === "failed" && code !== null) return `${phase} (${code})`;
  return position === null ? phase : `${phase} (${position})`;
}
