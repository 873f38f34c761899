import { Badge, Button, Group, Table, Text } from "@mantine/core";
import { useState } from "react";
import { ConfirmButton } from "../../parts/confirm-button.tsx";
import { describeFailure } from "../../parts/describe-failure.ts";
import type { Failure } from "../../parts/describe-failure.ts";
import { FailureNotice } from "../../parts/failure-notice.tsx";
import { formatBytes } from "../../format/format-bytes.ts";
import { formatDuration } from "../../format/format-duration.ts";
import { useSession } from "../../state/console-context.tsx";
import type { QueenState } from "../../state/live-state.ts";

export type Worker = QueenState["workers"][number];

interface WorkerTableProps {
  readonly workers: readonly Worker[];
  readonly onShowLog: (worker: Worker) => void;
}

export function WorkerTable({ workers, onShowLog }: WorkerTableProps) {
  const { queen } = useSession();
  const [failure, setFailure] = useState<Failure>();
  const stop = (worker: Worker) => {
    setFailure(undefined);
    queen
      .call("shutdownWorker", { body: { worker_id: worker.worker_id } })
      .catch((error: unknown) => setFailure(describeFailure(error)));
  };
  return (
    <>
      {failure !== undefined && <FailureNotice failure={failure} />}
      <Table.ScrollContainer minWidth={760}>
        <Table verticalSpacing="xs" striped>
          <Table.Thead>
            <Table.Tr>
              {["Model", "State", "Machine", "Slots", "Memory", "Idle", ""].map((title) => (
                <Table.Th key={title}>{title}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {workers.map((worker) => (
              <WorkerRow
                key={`${worker.node}/${worker.worker_id}`}
                worker={worker}
                onShowLog={() => onShowLog(worker)}
                onStop={() => stop(worker)}
              />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </>
  );
}

interface WorkerRowProps {
  readonly worker: Worker;
  readonly onShowLog: () => void;
  readonly onStop: () => void;
}

function WorkerRow({ worker, onShowLog, onStop }: WorkerRowProps) {
  const { worker_id: id, model_ref: model, node, backend, device } = worker;
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm">{model}</Text>
        <Text size="xs" c="dimmed">
          {id}
        </Text>
      </Table.Td>
      <Table.Td>
        <Badge variant="light" color={stateColors[worker.state]}>
          {worker.state}
        </Badge>
      </Table.Td>
      <Table.Td>
        {node} ({backend}:{device})
      </Table.Td>
      <Table.Td className="figure">
        {worker.slots_available} of {worker.slots_total} free
      </Table.Td>
      <Table.Td className="figure">{formatBytes(worker.memory_bytes)}</Table.Td>
      <Table.Td className="figure">{describeIdle(worker)}</Table.Td>
      <Table.Td>
        <Group gap="xs" wrap="nowrap">
          <Button variant="default" size="xs" onClick={onShowLog}>
            Log
          </Button>
          <ConfirmButton
            label="Stop"
            question={`${id} finishes what it is doing, for up to 30 seconds, and gives ${formatBytes(worker.memory_bytes)} of memory back. The next question to ${model} loads it again.`}
            confirmLabel="Stop this worker"
            onConfirm={onStop}
          />
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}

const stateColors: Record<Worker["state"], string> = {
  starting: "blue",
  loading: "blue",
  idle: "gray",
  busy: "green",
  draining: "yellow",
  stopped: "gray",
  error: "red",
};

function describeIdle({ state, last_activity: last }: Worker): string {
  if (state !== "idle" || last === null) return "";
  return formatDuration(Date.now() - Date.parse(last));
}
