import { Button, Group, Stack } from "@mantine/core";
import { ConfirmButton } from "../../parts/confirm-button.tsx";
import { OperationStory } from "../../parts/operation-story.tsx";
import { useSession } from "../../state/console-context.tsx";
import { useOperation } from "../../state/use-operation.ts";
import type { StoryEvent } from "../../state/use-operation.ts";
import { NodeLooks } from "./node-looks.tsx";

interface NodeActionsProps {
  readonly name: string;
  readonly isRegistered: boolean;
  readonly onChanged: () => void;
}

/** What can be done with a machine; what is going on is told below the buttons. */
export function NodeActions({ name, isRegistered, onChanged }: NodeActionsProps) {
  const { queen } = useSession();
  const operation = useOperation<StoryEvent>();
  const isBusy = operation.status === "running";
  const start = (open: (signal: AbortSignal) => Promise<AsyncIterable<StoryEvent>>) =>
    operation.start(open, ({ type }) => {
      if (type === "done") onChanged();
    });
  const body = { node: name };
  const node = { node_name: name };
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <Button
          size="xs"
          variant="default"
          disabled={isBusy}
          onClick={() => start((signal) => queen.stream("startHive", { body, signal }))}
        >
          Start
        </Button>
        <ConfirmButton
          label="Stop"
          disabled={isBusy}
          question={`The hive of ${name} and all its workers stop, and give their memory back. The next request starts them again.`}
          confirmLabel="Stop it"
          onConfirm={() => start((signal) => queen.stream("stopHive", { body, signal }))}
        />
        {isRegistered && (
          <Button
            size="xs"
            variant="default"
            disabled={isBusy}
            onClick={() => start((signal) => queen.stream("installNode", { body: node, signal }))}
          >
            Install rbee there
          </Button>
        )}
        <NodeLooks name={name} />
        {isRegistered && (
          <ConfirmButton
            label="Remove"
            disabled={isBusy}
            question={`What rbee put on ${name} is taken away, but for its models, and the machine is forgotten.`}
            confirmLabel="Remove it"
            onConfirm={() => start((signal) => queen.stream("removeNode", { body: node, signal }))}
          />
        )}
      </Group>
      <OperationStory operation={operation} label={`What happens on ${name}`} />
    </Stack>
  );
}
