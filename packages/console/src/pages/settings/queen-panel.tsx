import { Button, Card, Group, Modal, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { localNodeName } from "@rbee/contract";
import type { OperationEvent } from "@rbee/contract";
import { formatDuration } from "../../format/format-duration.ts";
import { ConfirmButton } from "../../parts/confirm-button.tsx";
import { OperationStory } from "../../parts/operation-story.tsx";
import { useLive, useSession } from "../../state/console-context.tsx";
import { useOperation } from "../../state/use-operation.ts";
import { NodeDoctor } from "../nodes/node-doctor.tsx";
import { QueenLog } from "./queen-log.tsx";

/** The queen herself: which version, whether her machine is in order, and her end. */
export function QueenPanel() {
  const { queen } = useSession();
  const { state } = useLive();
  const [isChecking, { open, close }] = useDisclosure(false);
  const stopping = useOperation<OperationEvent>();
  const running = state?.tasks.filter(({ ended_at: end }) => end === null).length ?? 0;
  const stop = () =>
    stopping.start((signal) => queen.stream("followShutdown", { body: undefined, signal }));
  return (
    <Card withBorder component="section" aria-label="The queen">
      <Stack gap="sm">
        <Group justify="space-between">
          <div>
            <Title order={2} size="h4">
              The queen
            </Title>
            <Text size="sm" c="dimmed" className="figure">
              {state === undefined
                ? "not heard yet"
                : `version ${state.version}, for ${formatDuration(state.uptime_s * 1000)}`}
            </Text>
          </div>
          <Group gap="xs">
            <Button variant="default" size="xs" onClick={open}>
              Check her machine
            </Button>
            <QueenLog />
            <ConfirmButton
              label="Stop the queen"
              question={describeStop(running)}
              confirmLabel="Stop everything"
              onConfirm={stop}
              disabled={stopping.status === "running"}
            />
          </Group>
        </Group>
        <OperationStory operation={stopping} label="How she stops" />
      </Stack>
      <Modal opened={isChecking} onClose={close} title="The queen's machine" size="lg">
        <NodeDoctor name={localNodeName} />
      </Modal>
    </Card>
  );
}

function describeStop(count: number): string {
  const requests = count === 1 ? "1 request runs or waits" : `${count} requests run or wait`;
  return `Her hives and their workers stop with her, on every machine; ${requests} now, and end. This page cannot start her again: that is done on her machine, with "rbee queen start".`;
}
