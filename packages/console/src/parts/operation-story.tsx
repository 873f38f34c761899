import { Button, Group, Paper, Stack, Text } from "@mantine/core";
import type { OperationView } from "../state/create-operation.ts";
import { FailureNotice } from "./failure-notice.tsx";
import { ProgressLine } from "./progress-line.tsx";

interface OperationStoryProps {
  readonly operation: Omit<OperationView, "message">;
  /** Absent for what cannot be stopped half-way. */
  readonly onCancel?: () => void;
  readonly label: string;
}

/** What happens on every machine for something that was started here, live. */
export function OperationStory({ operation, onCancel, label }: OperationStoryProps) {
  const { status, lines, progress, failure } = operation;
  if (status === "idle") return null;
  return (
    <Stack gap="xs" component="section" aria-label={label}>
      <Paper withBorder p="sm" className="story" role="log" aria-live="polite" tabIndex={0}>
        {lines.map((line, index) => (
          // Lines are only ever added at the end.
          // oxlint-disable-next-line react/no-array-index-key -- a line has no name of its own
          <Text key={index} size="sm" c={line.level === "warn" ? "orange" : undefined}>
            <Text span c="dimmed" size="xs">
              [{line.actor}]
            </Text>{" "}
            {line.cute ?? line.human}
          </Text>
        ))}
        {progress !== undefined && status === "running" && <ProgressLine progress={progress} />}
      </Paper>
      {failure !== undefined && <FailureNotice failure={failure} />}
      {status === "cancelled" && <Text size="sm">Stopped.</Text>}
      {status === "running" && onCancel !== undefined && (
        <Group>
          <Button variant="default" size="xs" onClick={onCancel}>
            Stop
          </Button>
        </Group>
      )}
    </Stack>
  );
}
