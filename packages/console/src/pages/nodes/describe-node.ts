import type { NodeOnWire, NodeState } from "@rbee/contract";
import { formatBytes } from "../../format/format-bytes.ts";

/** How a machine is reached, and when that last worked. */
export function describeWay(node: NodeOnWire): string {
  const user = node.ssh_user === null ? "" : `${node.ssh_user}@`;
  const port = node.ssh_port === 22 ? "" : `, port ${node.ssh_port}`;
  const last =
    node.last_connected_unix === null
      ? "never connected"
      : `last connected ${new Date(node.last_connected_unix * 1000).toLocaleString()}`;
  return `${user}${node.ssh_host}${port}; rbee in ${node.install_path}; ${last}`;
}

/** What a machine is made of. */
export function describeDevices(devices: NonNullable<NodeState["devices"]>): string {
  const { cpu, ram, gpus, disk } = devices;
  const gpuTexts = gpus.map(
    ({ name, memory_total_bytes: bytes }) => `${name} ${formatBytes(bytes)}`,
  );
  return [
    `${cpu.model}, ${cpu.cores} cores`,
    `${formatBytes(ram.total_bytes)} memory`,
    ...gpuTexts,
    `${formatBytes(disk.available_bytes)} of disk free`,
  ].join(" · ");
}
