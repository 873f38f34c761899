import { Badge, Card, Group, Stack, Text, Title } from "@mantine/core";
import type { NodeOnWire, NodeState } from "@rbee/contract";
import { formatBytes } from "../../format/format-bytes.ts";
import { NodeActions } from "./node-actions.tsx";

interface NodePanelProps {
  readonly name: string;
  /** Absent for the queen's own machine, which needs no registration. */
  readonly registered: NodeOnWire | undefined;
  readonly live: NodeState | undefined;
  readonly onChanged: () => void;
}

export function NodePanel({ name, registered, live, onChanged }: NodePanelProps) {
  return (
    <Card withBorder component="article" aria-label={`Machine ${name}`}>
      <Stack gap="xs">
        <Group justify="space-between">
          <Title order={2} size="h4">
            {name}
          </Title>
          <NodeBadge live={live} />
        </Group>
        <Text size="sm" c="dimmed">
          {registered === undefined
            ? "The queen's own machine; nothing has to be set up."
            : describeWay(registered)}
        </Text>
        {live?.devices != null && <Text size="sm">{describeDevices(live.devices)}</Text>}
        {registered?.host_key != null && (
          <Text size="xs" c="dimmed" className="breakable">
            Host key {registered.host_key}
          </Text>
        )}
        {live?.status === "unreachable" && !live.hive_stopped && live.last_error !== null && (
          <Text size="sm" c="red">
            {live.last_error}
          </Text>
        )}
        <NodeActions name={name} isRegistered={registered !== undefined} onChanged={onChanged} />
      </Stack>
    </Card>
  );
}

function NodeBadge({ live }: { readonly live: NodeState | undefined }) {
  if (live === undefined) return <Badge color="gray">unknown</Badge>;
  if (live.hive_stopped) return <Badge color="gray">asleep</Badge>;
  const colors = { reachable: "green", unknown: "gray", unreachable: "red" } as const;
  return (
    <Badge variant="light" color={colors[live.status]}>
      {live.status}
      {live.version === null ? "" : ` · v${live.version}`}
    </Badge>
  );
}

function describeWay(node: NodeOnWire): string {
  const user = node.ssh_user === null ? "" : `${node.ssh_user}@`;
  const port = node.ssh_port === 22 ? "" : `, port ${node.ssh_port}`;
  const last =
    node.last_connected_unix === null
      ? "never connected"
      : `last connected ${new Date(node.last_connected_unix * 1000).toLocaleString()}`;
  return `${user}${node.ssh_host}${port}; rbee in ${node.install_path}; ${last}`;
}

function describeDevices(devices: NonNullable<NodeState["devices"]>): string {
  const { cpu, ram, gpus, disk } = devices;
  const gpuText = gpus.map(
    ({ name, memory_total_bytes: bytes }) => `${name} ${formatBytes(bytes)}`,
  );
  return [
    `${cpu.model}, ${cpu.cores} cores`,
    `${formatBytes(ram.total_bytes)} memory`,
    ...gpuText,
    `${formatBytes(disk.available_bytes)} of disk free`,
  ].join(" · ");
}
