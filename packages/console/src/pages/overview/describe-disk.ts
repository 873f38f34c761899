import type { NodeState } from "@rbee/contract";
import { formatBytes } from "../../format/format-bytes.ts";

/** What the models take of a machine's disk, and what is left of it. */
export function describeDisk({
  models_on_disk: models,
  devices,
}: Pick<NodeState, "models_on_disk" | "devices">): string {
  const left =
    devices === null ? [] : [`${formatBytes(devices.disk.available_bytes)} of disk free`];
  return [...(models === undefined ? [] : [describeModels(models)]), ...left].join(" · ");
}

function describeModels({ count, size_bytes: bytes }: NonNullable<NodeState["models_on_disk"]>) {
  if (count === 0) return "No models on disk";
  return `${count} ${count === 1 ? "model" : "models"} on disk, ${formatBytes(bytes)}`;
}
