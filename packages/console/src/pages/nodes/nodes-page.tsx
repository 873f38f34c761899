import { Button, Group, Skeleton, Stack, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { localNodeName } from "@rbee/contract";
import { useCallback } from "react";
import { FailureNotice } from "../../parts/failure-notice.tsx";
import { useLive, useSession } from "../../state/console-context.tsx";
import { useAnswer } from "../../state/use-answer.ts";
import { AddNodeForm } from "./add-node-form.tsx";
import { NodePanel } from "./node-panel.tsx";

/** The machines: how each is reached, what is on it, and what is wrong with it. */
export function NodesPage() {
  const { queen } = useSession();
  const { state } = useLive();
  const ask = useCallback((signal: AbortSignal) => queen.call("listNodes", { signal }), [queen]);
  const { answer, failure, askAgain } = useAnswer(ask);
  const [isAdding, { open, close }] = useDisclosure(false);
  const liveOf = (name: string) => state?.nodes.find((node) => node.name === name);
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Machines
        </Title>
        <Button onClick={open}>Add a machine</Button>
      </Group>
      {failure !== undefined && <FailureNotice failure={failure} />}
      <NodePanel
        name={localNodeName}
        registered={undefined}
        live={liveOf(localNodeName)}
        onChanged={askAgain}
      />
      {answer === undefined && failure === undefined && <Skeleton height={160} />}
      {answer?.nodes.map((node) => (
        <NodePanel
          key={node.node_name}
          name={node.node_name}
          registered={node}
          live={liveOf(node.node_name)}
          onChanged={askAgain}
        />
      ))}
      <AddNodeForm isOpen={isAdding} onClose={close} onAdded={askAgain} />
    </Stack>
  );
}
