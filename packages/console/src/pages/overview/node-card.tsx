import { Anchor, Badge, Card, Group, Stack, Text, Title } from "@mantine/core";
import { localNodeName } from "@rbee/contract";
import { Link } from "wouter";
import type { QueenState } from "../../state/live-state.ts";
import { judgeNode } from "../nodes/judge-node.ts";
import { describeDisk } from "./describe-disk.ts";
import { MemoryBar } from "./memory-bar.tsx";

type Node = QueenState["nodes"][number];
type Worker = QueenState["workers"][number];

interface NodeCardProps {
  readonly node: Node;
  readonly workers: readonly Worker[];
  readonly queenVersion: string;
}

export function NodeCard({ node, workers, queenVersion }: NodeCardProps) {
  const { name } = node;
  const registered = name === localNodeName ? undefined : { last_error: null };
  const { label, color, note } = judgeNode({ name, live: node, registered, queenVersion });
  return (
    <Card withBorder component="article" aria-label={`Machine ${name}`}>
      <Stack gap="sm">
        <Group justify="space-between" wrap="nowrap">
          <Title order={2} size="h4">
            {name}
          </Title>
          <Badge color={color} variant="light">
            {label}
          </Badge>
        </Group>
        {note !== undefined && (
          <Text size="sm" c="dimmed" className="breakable">
            {note.text}
          </Text>
        )}
        <NodeMemory node={node} workers={workers} />
        {node.devices !== null && (
          <Text size="sm" c="dimmed" className="figure">
            {describeDisk(node)}
          </Text>
        )}
        <WorkerLines workers={workers} />
      </Stack>
    </Card>
  );
}

// A machine may have many; the page of workers has them all.
const workersShown = 8;

function WorkerLines({ workers }: Pick<NodeCardProps, "workers">) {
  return (
    <>
      {workers.slice(0, workersShown).map((worker) => (
        <Group key={worker.worker_id} justify="space-between" wrap="nowrap">
          <Text size="sm" truncate>
            {worker.model_ref}
          </Text>
          <Badge variant="outline" size="sm" color={workerColors[worker.state]} miw={72}>
            {worker.state}
          </Badge>
        </Group>
      ))}
      {workers.length > workersShown && (
        <Anchor component={Link} href="/workers" size="sm">
          {workers.length - workersShown} more workers
        </Anchor>
      )}
    </>
  );
}

function NodeMemory({ node: { devices }, workers }: Pick<NodeCardProps, "node" | "workers">) {
  if (devices === null) return null;
  const own = (backend: string, index: number) =>
    workers
      .filter((worker) => worker.backend === backend && worker.device === index)
      .reduce((sum, worker) => sum + worker.memory_bytes, 0);
  return (
    <>
      <MemoryBar
        label="Memory"
        totalBytes={devices.ram.total_bytes}
        freeBytes={devices.ram.available_bytes}
        ownBytes={own("cpu", 0)}
      />
      {devices.gpus.map((gpu) => (
        <MemoryBar
          key={`${gpu.backend}:${gpu.index}`}
          label={`${gpu.name} (${gpu.backend}:${gpu.index})${describeGpu(gpu)}`}
          totalBytes={gpu.memory_total_bytes}
          freeBytes={gpu.memory_free_bytes}
          ownBytes={own(gpu.backend, gpu.index)}
        />
      ))}
    </>
  );
}

const workerColors = {
  starting: "gray",
  loading: "gray",
  idle: "green",
  busy: "blue",
  draining: "orange",
  stopped: "gray",
  error: "red",
} as const;

type Gpu = NonNullable<Node["devices"]>["gpus"][number];

function describeGpu({ temperature_c: celsius, utilization_percent: percent }: Gpu): string {
  const heat = celsius === undefined ? "" : `, ${Math.round(celsius)} °C`;
  return percent === undefined ? heat : `${heat}, ${Math.round(percent)} % busy`;
}
