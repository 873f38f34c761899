import { Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import { FailureNotice } from "../../parts/failure-notice.tsx";
import { ProgressLine } from "../../parts/progress-line.tsx";
import type { PullRoom, PullView } from "./create-pull-room.ts";

interface PullListProps {
  readonly pulls: readonly PullView[];
  readonly room: PullRoom;
}

/** The downloads that were begun in this browser and are not at their end. */
export function PullList({ pulls, room }: PullListProps) {
  const open = pulls.filter(({ status }) => status !== "done");
  if (open.length === 0) return null;
  return (
    <Card withBorder component="section" aria-label="Downloads">
      <Stack gap="sm">
        <Title order={2} size="h4">
          Downloads
        </Title>
        {open.map((pull) => (
          <PullEntry key={`${pull.node} ${pull.model}`} pull={pull} room={room} />
        ))}
        <Text size="sm" c="dimmed">
          They go on for as long as this tab is open, on whichever page. What stops half-way goes on
          at the byte where it stopped.
        </Text>
      </Stack>
    </Card>
  );
}

interface PullEntryProps {
  readonly pull: PullView;
  readonly room: PullRoom;
}

function PullEntry({ pull, room }: PullEntryProps) {
  const { model, node, status, progress, failure } = pull;
  const isRunning = status === "running";
  return (
    <Stack gap={4} role="group" aria-label={`${model} to ${node}`}>
      <Group gap="xs" justify="space-between">
        <Text size="sm" className="breakable">
          {model} to {node}
          {isRunning ? "" : ", not fetched to the end"}
        </Text>
        <Group gap="xs">
          {/* One button that changes: whoever steers by the keyboard stays on it. */}
          <Button
            size="xs"
            variant="default"
            onClick={() => (isRunning ? room.pause(pull) : room.start(pull))}
          >
            {isRunning ? "Pause" : "Go on with it"}
          </Button>
          <Button size="xs" variant="subtle" onClick={() => room.forget(pull)}>
            {isRunning ? "Stop and forget it" : "Forget it"}
          </Button>
        </Group>
      </Group>
      {isRunning && progress !== undefined && <ProgressLine progress={progress} />}
      {isRunning && progress === undefined && <Text size="sm">It is asked for …</Text>}
      {failure !== undefined && <FailureNotice failure={failure} />}
    </Stack>
  );
}
