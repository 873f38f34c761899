import { Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { NodeOnWire } from "@rbee/contract";
import { useEffect } from "react";
import { ConfirmButton } from "../../parts/confirm-button.tsx";
import { OperationStory } from "../../parts/operation-story.tsx";
import { useSession } from "../../state/console-context.tsx";
import type { StoryEvent } from "../../state/create-operation.ts";
import { useKeptOperation } from "../../state/use-kept-operation.ts";
import { ChangeNodeForm } from "./change-node-form.tsx";
import type { NodeMend } from "./judge-node.ts";
import { NodeInstall } from "./node-install.tsx";
import { NodeLooks } from "./node-looks.tsx";

interface NodeActionsProps {
  readonly name: string;
  /** Absent for the queen's own machine. */
  readonly node: NodeOnWire | undefined;
  /** What would mend it; that button stands out. */
  readonly mend: NodeMend | undefined;
  readonly isFresh: boolean;
  readonly onChanged: () => void;
  readonly onRemoved: (message: string) => void;
}

/** What can be done with a machine; what is going on is told below the buttons. */
export function NodeActions(props: NodeActionsProps) {
  const { name, node, mend, isFresh, onChanged, onRemoved } = props;
  const { operation, start } = useNodeOperation(name, onChanged);
  const isBusy = operation.status === "running";
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <HiveButtons name={name} mend={mend} isBusy={isBusy} start={start} />
        {node !== undefined && (
          <>
            <NodeInstall
              name={name}
              hasGit={node.git_repo_url !== null}
              isFresh={isFresh}
              isSuggested={mend === "install"}
              isDisabled={isBusy}
              onChanged={onChanged}
            />
            <ChangeButton node={node} mend={mend} isBusy={isBusy} onChanged={onChanged} />
          </>
        )}
        <NodeLooks name={name} isSuggested={mend === "check"} />
        {node !== undefined && (
          <RemoveButton node={node} isBusy={isBusy} start={start} onRemoved={onRemoved} />
        )}
      </Group>
      <OperationStory operation={operation} label={`What happens on ${name}`} />
      {operation.status === "done" && operation.message !== undefined && (
        <Text size="sm" role="status" className="breakable">
          {operation.message}
        </Text>
      )}
    </Stack>
  );
}

type Open = (signal: AbortSignal) => Promise<AsyncIterable<StoryEvent>>;

// However it ends, what is registered may be another now.
function useNodeOperation(name: string, onChanged: () => void) {
  const operation = useKeptOperation(`node ${name}`);
  const { status } = operation;
  useEffect(() => {
    if (status !== "idle" && status !== "running") onChanged();
  }, [status, onChanged]);
  const start = (open: Open, onDone?: (message: string) => void) => {
    operation.start(open, (event) => {
      if (event.type === "done" && event.message !== undefined) onDone?.(event.message);
    });
  };
  return { operation, start };
}

interface HiveButtonsProps extends Pick<NodeActionsProps, "name" | "mend"> {
  readonly isBusy: boolean;
  readonly start: (open: Open) => void;
}

function HiveButtons({ name, mend, isBusy, start }: HiveButtonsProps) {
  const { queen } = useSession();
  const body = { node: name };
  return (
    <>
      <Button
        size="xs"
        variant="default"
        disabled={isBusy}
        onClick={() => start((signal) => queen.stream("startHive", { body, signal }))}
      >
        Start
      </Button>
      <ConfirmButton
        label="Restart"
        variant={mend === "restart" ? "filled" : "default"}
        disabled={isBusy}
        question={`The hive of ${name} and all its workers stop; what they are answering is lost. Then the hive starts again, and workers when they are needed.`}
        confirmLabel="Restart it"
        onConfirm={() => start((signal) => queen.stream("restartHive", { body, signal }))}
      />
      <ConfirmButton
        label="Stop"
        disabled={isBusy}
        question={`The hive of ${name} and all its workers stop, and give their memory back. The next request starts them again.`}
        confirmLabel="Stop it"
        onConfirm={() => start((signal) => queen.stream("stopHive", { body, signal }))}
      />
    </>
  );
}

interface ChangeButtonProps extends Pick<NodeActionsProps, "mend" | "onChanged"> {
  readonly node: NodeOnWire;
  readonly isBusy: boolean;
}

function ChangeButton({ node, mend, isBusy, onChanged }: ChangeButtonProps) {
  const [isOpen, { open, close }] = useDisclosure(false);
  const isKeyWrong = mend === "host-key";
  return (
    <>
      <Button
        size="xs"
        variant={isKeyWrong ? "filled" : "default"}
        disabled={isBusy}
        onClick={open}
      >
        {isKeyWrong ? "Compare the host keys" : "Change"}
      </Button>
      <ChangeNodeForm node={node} isOpen={isOpen} onClose={close} onChanged={onChanged} />
    </>
  );
}

interface RemoveButtonProps extends Pick<NodeActionsProps, "onRemoved"> {
  readonly node: NodeOnWire;
  readonly isBusy: boolean;
  readonly start: (open: Open, onDone: (message: string) => void) => void;
}

function RemoveButton({ node, isBusy, start, onRemoved }: RemoveButtonProps) {
  const { queen } = useSession();
  const body = { node_name: node.node_name };
  return (
    <ConfirmButton
      label="Remove"
      disabled={isBusy}
      question={describeRemoval(node)}
      confirmLabel="Remove it"
      onConfirm={() => start((signal) => queen.stream("removeNode", { body, signal }), onRemoved)}
    />
  );
}

function describeRemoval({ node_name: name, install_path: path }: NodeOnWire): string {
  return `The hive that the queen started on ${name} stops with its workers. What rbee put there, in ${path} and ~/.rbee, is taken away, but for its models. Then the machine is forgotten, and its host key with it. If it cannot be reached, it is forgotten all the same, and what is there stays.`;
}
