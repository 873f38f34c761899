import { Badge, Button, Group, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import { ConfirmButton } from "../../parts/confirm-button.tsx";
import { describeFailure } from "../../parts/describe-failure.ts";
import type { Failure } from "../../parts/describe-failure.ts";
import { FailureNotice } from "../../parts/failure-notice.tsx";
import { RowTable } from "../../parts/row-table.tsx";
import type { Column } from "../../parts/row-table.tsx";
import { TickingText } from "../../parts/ticking-text.tsx";
import { formatBytes } from "../../format/format-bytes.ts";
import { useSession } from "../../state/console-context.tsx";
import {
  describeCapabilities,
  describeIdle,
  describeStop,
  describeTrouble,
} from "./describe-worker.ts";
import type { Worker } from "./describe-worker.ts";

interface WorkerTableProps {
  readonly workers: readonly Worker[];
  readonly onShowLog: (worker: Worker) => void;
}

/** `onShowLog` must stay the same function. */
export function WorkerTable({ workers, onShowLog }: WorkerTableProps) {
  const { queen } = useSession();
  const [failure, setFailure] = useState<Failure>();
  const columns = useMemo(() => {
    const onStop = ({ worker_id: id }: Worker) => {
      setFailure(undefined);
      queen
        .call("shutdownWorker", { body: { worker_id: id } })
        .catch((error: unknown) => setFailure(describeFailure(error)));
    };
    return columnsFor({ onShowLog, onStop });
  }, [queen, onShowLog]);
  return (
    <>
      {failure !== undefined && <FailureNotice failure={failure} />}
      <RowTable
        label="Workers"
        rows={workers}
        columns={columns}
        keyOf={({ node, worker_id: id }) => `${node}/${id}`}
      />
    </>
  );
}

interface WorkerActs {
  readonly onShowLog: (worker: Worker) => void;
  readonly onStop: (worker: Worker) => void;
}

function columnsFor(acts: WorkerActs): readonly Column<Worker>[] {
  return [
    { title: "Model", cell: (worker) => <WorkerName worker={worker} /> },
    { title: "State", cell: (worker) => <WorkerCondition worker={worker} /> },
    { title: "Machine", cell: ({ node, backend, device }) => `${node} (${backend}:${device})` },
    {
      title: "Slots",
      cell: ({ slots_available: free, slots_total: total }) => `${free} of ${total} free`,
    },
    { title: "Memory", cell: ({ memory_bytes: bytes }) => formatBytes(bytes) },
    {
      title: "Idle",
      cell: (worker) =>
        worker.state === "idle" && <TickingText text={(nowMs) => describeIdle(worker, nowMs)} />,
    },
    { title: "", cell: (worker) => <WorkerActions worker={worker} {...acts} /> },
  ];
}

function WorkerName({ worker }: { readonly worker: Worker }) {
  const can = describeCapabilities(worker);
  return (
    <div>
      <Text size="sm">{worker.model_ref}</Text>
      <Text size="xs" c="dimmed">
        {worker.worker_id}
        {can === "" ? "" : ` · ${can}`}
      </Text>
    </div>
  );
}

function WorkerCondition({ worker }: { readonly worker: Worker }) {
  return (
    <div>
      <Badge variant="light" color={stateColors[worker.state]}>
        {worker.state}
      </Badge>
      {describeTrouble(worker).map((line) => (
        <Text key={line} size="xs">
          {line}
        </Text>
      ))}
    </div>
  );
}

function WorkerActions({ worker, onShowLog, onStop }: WorkerActs & { readonly worker: Worker }) {
  return (
    <Group gap="xs" wrap="nowrap">
      <Button variant="default" size="xs" onClick={() => onShowLog(worker)}>
        Log
      </Button>
      {worker.state !== "draining" && (
        <ConfirmButton
          label="Stop"
          question={describeStop(worker, formatBytes(worker.memory_bytes))}
          confirmLabel="Stop this worker"
          onConfirm={() => onStop(worker)}
        />
      )}
    </Group>
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
