import type { NodeExplanation, PlacementExplanation } from "@rbee/contract";
import { formatSeconds } from "./figures.ts";
import { renderTable } from "./render-table.ts";
import type { Column } from "./render-table.ts";

/** A line per node, and below what the queen would do. */
export function renderPlacement(explained: PlacementExplanation): readonly string[] {
  const { nodes, choice } = explained;
  const columns: readonly Column<NodeExplanation>[] = [
    { heading: "NODE", cell: ({ node }) => node },
    { heading: "VERDICT", cell: describeVerdict },
    { heading: "NEEDS", cell: ({ required_mb: mb }) => describeMb(mb), align: "right" },
    { heading: "FREE", cell: ({ available_mb: mb }) => describeMb(mb), align: "right" },
    { heading: "DEVICE", cell: ({ device }) => device ?? "-" },
    { heading: "MODEL", cell: describeModel },
    { heading: "WORKERS", cell: (node) => describeWorkers(node, explained) },
    { heading: "WOULD STOP", cell: describeStops },
  ];
  const pinned = explained.pinned ? [`${explained.model} is pinned.`] : [];
  return [...renderTable(columns, nodes), "", describeChoice(choice), ...pinned];
}

function describeVerdict(node: NodeExplanation): string {
  switch (node.verdict) {
    case "loaded":
      return "loaded";
    case "fits":
      return "fits";
    case "short":
      return `short by ${node.short_mb} MB`;
    case "unknown":
      return "size unknown";
    case "not-asked":
      if (node.status === "reachable") return "did not answer";
      return node.status === "unreachable" ? "unreachable" : "hive not running";
    default:
      return node.draining ? "its hive is being stopped" : (node.error?.message ?? "refused");
  }
}

function describeMb(megabytes: number | null): string {
  return megabytes === null ? "-" : `${megabytes} MB`;
}

function describeModel({ on_disk: isOnDisk, verdict }: NodeExplanation): string {
  if (isOnDisk) return "on disk";
  return verdict === "not-asked" || verdict === "refused" ? "-" : "to download";
}

function describeWorkers({ workers }: NodeExplanation, { model }: PlacementExplanation): string {
  const own = workers.filter(({ model_ref }) => model_ref === model);
  if (own.length === 0) return "-";
  return own
    .map(
      ({ worker_id, slots_free, slots_total }) => `${worker_id} ${slots_free}/${slots_total} free`,
    )
    .join(", ");
}

function describeStops({ would_stop: stops }: NodeExplanation): string {
  if (stops.length === 0) return "-";
  return stops
    .map(({ worker_id, model_ref, running, idle_ms }) => {
      const use = running > 0 ? `${running} running` : `idle ${formatSeconds(idle_ms / 1000)}`;
      return `${worker_id} (${model_ref}, ${use})`;
    })
    .join(", ");
}

function describeChoice({ kind, node, worker_id, reason, error }: PlacementExplanation["choice"]) {
  switch (kind) {
    case "use":
      return `The queen would use ${worker_id} on ${node}. ${reason}`;
    case "spawn":
      return `The queen would start a worker on ${node}. ${reason}`;
    case "evict":
      return `The queen would make room on ${node}. ${reason}`;
    case "wait":
      return `The request would wait. ${reason}`;
    default:
      return `The queen would refuse it. ${error?.message ?? reason}`;
  }
}
