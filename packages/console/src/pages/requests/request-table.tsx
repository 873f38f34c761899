import { Badge, Button, Group, Table, Text } from "@mantine/core";
import { useSession } from "../../state/console-context.tsx";
import { formatDuration } from "../../format/format-duration.ts";
import { isOpenTask } from "./is-open-task.ts";
import type { Task } from "./is-open-task.ts";

interface RequestTableProps {
  readonly tasks: readonly Task[];
  readonly onChoose: (task: Task) => void;
}

export function RequestTable({ tasks, onChoose }: RequestTableProps) {
  return (
    <Table.ScrollContainer minWidth={760}>
      <Table verticalSpacing="xs" striped>
        <Table.Thead>
          <Table.Tr>
            {["Model", "Phase", "Machine", "Tokens", "Tokens/s", "Took", ""].map((title) => (
              <Table.Th key={title}>{title}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tasks.map((task) => (
            <RequestRow key={task.task_id} task={task} onChoose={() => onChoose(task)} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

export const phaseColors: Record<Task["phase"], string> = {
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

interface RequestRowProps {
  readonly task: Task;
  readonly onChoose: () => void;
}

function RequestRow({ task, onChoose }: RequestRowProps) {
  const { queen } = useSession();
  const cancel = () => {
    // Whether it ended by this or by itself shows in the row.
    void queen.call("cancelTask", { params: { task_id: task.task_id } }).catch(() => {});
  };
  const lastMs = task.ended_at === null ? Date.now() : Date.parse(task.ended_at);
  return (
    <Table.Tr>
      <Table.Td>{task.model}</Table.Td>
      <Table.Td>
        <Badge variant="light" color={phaseColors[task.phase]}>
          {task.phase}
        </Badge>
        {task.queue_position !== null && (
          <Text size="xs" c="dimmed">
            position {task.queue_position}
          </Text>
        )}
        {task.error_code !== null && (
          <Text size="xs" c="red">
            {task.error_code}
          </Text>
        )}
      </Table.Td>
      <Table.Td>{task.node ?? ""}</Table.Td>
      <Table.Td className="figure">{task.tokens}</Table.Td>
      <Table.Td className="figure">{task.tokens_per_sec.toFixed(1)}</Table.Td>
      <Table.Td className="figure">{formatDuration(lastMs - Date.parse(task.started_at))}</Table.Td>
      <Table.Td>
        <Group gap="xs" wrap="nowrap">
          <Button variant="default" size="xs" onClick={onChoose}>
            Details
          </Button>
          {isOpenTask(task) && (
            <Button variant="default" size="xs" onClick={cancel}>
              Cancel
            </Button>
          )}
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}
