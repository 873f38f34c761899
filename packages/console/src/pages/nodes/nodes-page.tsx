import { Alert, Button, Group, Skeleton, Stack, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { localNodeName } from "@rbee/contract";
import { useCallback, useState } from "react";
import { FailureNotice } from "../../parts/failure-notice.tsx";
import { useLive, useSession } from "../../state/console-context.tsx";
import { useAnswer } from "../../state/use-answer.ts";
import { AddNodeForm } from "./add-node-form.tsx";
import { NodePanel } from "./node-panel.tsx";
import { NoOtherMachine } from "./no-other-machine.tsx";

/** The machines: how each is reached, what is on it, and what is wrong with it. */
export function NodesPage() {
  const { queen } = useSession();
  const { state } = useLive();
  const ask = useCallback((signal: AbortSignal) => queen.call("listNodes", { signal }), [queen]);
  const { answer, failure, askAgain } = useAnswer(ask);
  const [isAdding, { open, close }] = useDisclosure(false);
  const [fresh, setFresh] = useState<string>();
  const [removal, setRemoval] = useState<string>();
  const common = {
    queenVersion: state?.version,
    onChanged: askAgain,
    onRemoved: setRemoval,
  };
  const add = () => {
    setRemoval(undefined);
    open();
  };
  const added = (name: string) => {
    setFresh(name);
    askAgain();
  };
  const liveOf = (name: string) => state?.nodes.find((node) => node.name === name);
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Machines
        </Title>
        <Button onClick={add}>Add a machine</Button>
      </Group>
      {failure !== undefined && <FailureNotice failure={failure} />}
      {removal !== undefined && (
        <RemovalNotice message={removal} onClose={() => setRemoval(undefined)} />
      )}
      <NodePanel
        name={localNodeName}
        registered={undefined}
        live={liveOf(localNodeName)}
        isFresh={false}
        {...common}
      />
      {answer === undefined && failure === undefined && <Skeleton height={160} />}
      {answer?.nodes.length === 0 && <NoOtherMachine onAdd={add} />}
      {answer?.nodes.map((node) => (
        <NodePanel
          key={node.node_name}
          name={node.node_name}
          registered={node}
          live={liveOf(node.node_name)}
          isFresh={node.node_name === fresh}
          {...common}
        />
      ))}
      <AddNodeForm isOpen={isAdding} onClose={close} onAdded={added} />
    </Stack>
  );
}

interface RemovalNoticeProps {
  readonly message: string;
  readonly onClose: () => void;
}

// The card that told the story is gone with its machine.
function RemovalNotice({ message, onClose }: RemovalNoticeProps) {
  return (
    <Alert
      color="green"
      title="It is removed"
      role="status"
      withCloseButton
      closeButtonLabel="Close"
      onClose={onClose}
      className="breakable"
    >
      {message}
    </Alert>
  );
}
