import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import type { BegunPull } from "./pull-memory.ts";

interface BegunPullsProps {
  readonly pulls: readonly BegunPull[];
  readonly onGoOn: (pull: BegunPull) => void;
  readonly onForget: (pull: BegunPull) => void;
}

/** What was begun from this browser and did not come to its end. */
export function BegunPulls({ pulls, onGoOn, onForget }: BegunPullsProps) {
  if (pulls.length === 0) return null;
  return (
    <Alert color="yellow" title="Not fetched to the end">
      <Stack gap="xs">
        {pulls.map((pull) => (
          <Group key={`${pull.node} ${pull.model}`} gap="xs">
            <Text size="sm" className="breakable">
              {pull.model} to {pull.node}
            </Text>
            <Button size="compact-xs" variant="default" onClick={() => onGoOn(pull)}>
              Go on with it
            </Button>
            <Button size="compact-xs" variant="subtle" onClick={() => onForget(pull)}>
              Forget it
            </Button>
          </Group>
        ))}
      </Stack>
    </Alert>
  );
}
