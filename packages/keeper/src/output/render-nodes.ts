import { DevicesOnWire } from "@rbee/contract";
import type { GpuOnWire, NodeOnWire } from "@rbee/contract";
import { formatBytes } from "./figures.ts";
import { formatUnixTime } from "./render-model.ts";
import { safeText } from "./safe-text.ts";

/** The registered nodes, each with what is known of it. */
export function renderNodes(nodes: readonly NodeOnWire[]): readonly string[] {
  const heading = "Registered rbee-hive Nodes:";
  if (nodes.length === 0) {
    const command = "rbee-keeper setup add-node --name <name> --ssh-host <host>";
    return [heading, "  No nodes yet.", `  Add one: ${command}`];
  }
  return [heading, ...nodes.flatMap((node) => ["", ...renderNode(node)])];
}

function renderNode(node: NodeOnWire): readonly string[] {
  const fields: (readonly [string, string])[] = [
    ["Status", node.status],
    ["Last connected", formatUnixTime(node.last_connected_unix)],
    ["Install path", node.install_path],
    ...(node.last_error === null ? [] : ([["Last error", node.last_error]] as const)),
    ...deviceFields(node),
  ];
  return [
    safeText(`${node.node_name} (${node.ssh_host})`),
    ...fields.map(([name, value]) => safeText(`  ${name}: ${value}`)),
  ];
}

// What is free there changes every moment; the registry knows what there is.
function deviceFields({ devices, backends }: NodeOnWire): readonly (readonly [string, string])[] {
  const known = DevicesOnWire.safeParse(devices);
  const shown = backends.length === 0 ? [] : ([["Backends", backends.join(", ")]] as const);
  if (!known.success) return shown;
  const { cpu, ram, gpus } = known.data;
  return [
    ...shown,
    ["CPU", `${cpu.model}, ${cpu.cores} cores`],
    ["Memory", formatBytes(ram.total_bytes)],
    ...gpus.map(gpuField),
  ];
}

function gpuField(gpu: GpuOnWire): readonly [string, string] {
  const memory = gpu.unified_memory ? "unified memory" : formatBytes(gpu.memory_total_bytes);
  return [`GPU ${gpu.backend}:${gpu.index}`, `${gpu.name}, ${memory}`];
}
