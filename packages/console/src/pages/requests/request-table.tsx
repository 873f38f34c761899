import { Badge, Button, Group, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import { describeFailure } from "../../parts/describe-failure.ts";
import type { Failure } from "../../parts/describe-failure.ts";
import { FailureNotice } from "../../parts/failure-notice.tsx";
import { RowTable } from "../../parts/row-table.tsx";
import type { Column } from "../../parts/row-table.tsx";
import { TickingText } from "../../parts/ticking-text.tsx";
import { useSession } from "../../state/console-context.tsx";
import { formatDuration } from "../../format/format-duration.ts";
import { formatShortDuration } from "../../format/format-short-duration.ts";
import { isOpenTask } from "./is-open-task.ts";
import type { Task } from "./is-open-task.ts";

interface RequestTableProps {
  readonly tasks: readonly Task[];
  readonly keyNames: ReadonlyMap<string, string>;
  /** Must stay the same function. */
  readonly onChoose: (task: Task) => void;
}

export function RequestTable({ tasks, keyNames, onChoose }: RequestTableProps) {
  const { queen } = useSession();
  const [failure, setFailure] = useState<Failure>();
  const columns = useMemo(() => {
    const onCancel = ({ task_id }: Task) => {
      setFailure(undefined);
      // That it ended, by this or by itself, shows in its row.
      queen
        .call("cancelTask", { params: { task_id } })
        .catch((error: unknown) => setFailure(describeFailure(error)));
    };
    return columnsFor({ keyNames, onChoose, onCancel });
  }, [queen, keyNames, onChoose]);
  return (
    <>
      {failure !== undefined && <FailureNotice failure={failure} />}
      <RowTable label="Requests" rows={tasks} columns={columns} keyOf={({ task_id: id }) => id} />
    </>
  );
}

const phaseColors: Record<Task["phase"], string> = {
  placing: "blue",
  queued: "yellow",
  "starting-hive": "blue",
  spawning: "blue",
  downloading: "blue",
  loading: "blue",
  inferring: "green",
  done: "gray",
  failed: "red",
  cancelled: "gray",
};

interface RequestActs {
  readonly onChoose: (task: Task) => void;
  readonly onCancel: (task: Task) => void;
}

interface ColumnsWorld extends RequestActs {
  readonly keyNames: ReadonlyMap<string, string>;
}

function columnsFor({ keyNames, ...acts }: ColumnsWorld): readonly Column<Task>[] {
  return [
    { title: "Model", cell: ({ model }) => model },
    { title: "Phase", cell: (task) => <RequestPhase task={task} /> },
    { title: "Machine", cell: ({ node }) => node },
    { title: "Asked by", cell: ({ source = "" }) => keyNames.get(source) ?? source },
    {
      title: "Tokens",
      cell: ({ tokens, tokens_per_sec: rate }) =>
        rate > 0 ? `${tokens}, ${rate.toFixed(1)}/s` : tokens,
    },
    {
      title: "Took",
      cell: (task) => <TickingText text={(nowMs) => describeLength(task, nowMs)} />,
    },
    { title: "", cell: (task) => <RequestActions task={task} {...acts} /> },
  ];
}

function describeLength({ started_at: start, ended_at: end }: Task, nowMs: number): string {
  const startMs = Date.parse(start);
  if (end === null) return formatDuration(nowMs - startMs);
  return formatShortDuration(Date.parse(end) - startMs);
}

function RequestPhase({ task }: { readonly task: Task }) {
  const { phase, queue_position: position, estimated_wait_s: wait, error_code: code } = task;
  return (
    <div>
      <Badge variant="light" color={phaseColors[phase]}>
        {phase}
      </Badge>
      {position !== null && (
        <Text size="xs" c="dimmed" className="figure">
          position {position}
          {wait === null ? "" : `, about ${formatDuration(wait * 1000)} to go`}
        </Text>
      )}
      {code !== null && phase === "failed" && <Text size="xs">{code}</Text>}
    </div>
  );
}

function RequestActions({ task, onChoose, onCancel }: RequestActs & { readonly task: Task }) {
  return (
    <Group gap="xs" wrap="nowrap">
      <Button variant="default" size="xs" onClick={() => onChoose(task)}>
        Details
      </Button>
      {isOpenTask(task) && (
        <Button variant="default" size="xs" onClick={() => onCancel(task)}>
          Cancel
        </Button>
      )}
    </Group>
  );
}
