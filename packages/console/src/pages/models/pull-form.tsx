import { Alert, Button, Group, Modal, Select, Stack, Text, TextInput } from "@mantine/core";
import { localNodeName } from "@rbee/contract";
import type { PullEvent } from "@rbee/contract";
import { useState } from "react";
import type { SubmitEvent } from "react";
import { OperationStory } from "../../parts/operation-story.tsx";
import { useLive, useSession } from "../../state/console-context.tsx";
import { useOperation } from "../../state/use-operation.ts";
import type { BegunPull, PullMemory } from "./pull-memory.ts";

interface PullFormProps {
  readonly isOpen: boolean;
  /** What to begin with: one that did not come to its end. */
  readonly begun: BegunPull | undefined;
  readonly memory: PullMemory;
  readonly onClose: () => void;
  /** The list of what was begun, or of what is on disk, is another one now. */
  readonly onChange: () => void;
}

/** Brings a model to a machine's disk. What is stopped half-way goes on at the same byte later. */
export function PullForm({ isOpen, begun, memory, onClose, onChange }: PullFormProps) {
  const { queen } = useSession();
  const [model, setModel] = useState(begun?.model ?? "");
  const [node, setNode] = useState<string | null>(begun?.node ?? localNodeName);
  const operation = useOperation<PullEvent>();
  const { status } = operation;
  const isBegun = begun !== undefined && status === "idle";
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const pull = { model: model.trim(), node: node ?? localNodeName };
    operation.start(
      (signal) => queen.stream("pullModel", { body: pull, signal }),
      ({ type }) => {
        // What was refused at once is nothing that could go on.
        if (type === "progress") memory.remember(pull);
        if (type === "done") memory.forget(pull);
        if (type === "done") onChange();
      },
    );
  };
  return (
    <Modal opened={isOpen} onClose={onClose} title="Fetch a model" size="lg">
      <Stack>
        <form onSubmit={submit}>
          <Stack gap="xs">
            <PullFields model={model} node={node} onModel={setModel} onNode={setNode} />
            <Group justify="flex-end">
              {/* Keys of their own: one button that turns into the other would submit the form. */}
              {status === "running" ? (
                <Button key="pause" variant="default" onClick={operation.cancel}>
                  Pause
                </Button>
              ) : (
                <Button key="fetch" type="submit" disabled={model.trim() === ""}>
                  {isBegun || status === "cancelled" || status === "failed" ? "Go on" : "Fetch"}
                </Button>
              )}
            </Group>
          </Stack>
        </form>
        {(isBegun || status === "cancelled") && (
          <Text size="sm">It goes on at the byte where it stopped.</Text>
        )}
        <OperationStory operation={operation} label="How it goes" />
        {status === "done" && (
          <Alert color="green" title="It is there" role="status">
            The model is on the disk of {node}.
          </Alert>
        )}
      </Stack>
    </Modal>
  );
}

interface PullFieldsProps {
  readonly model: string;
  readonly node: string | null;
  readonly onModel: (model: string) => void;
  readonly onNode: (node: string | null) => void;
}

function PullFields({ model, node, onModel, onNode }: PullFieldsProps) {
  const { state } = useLive();
  return (
    <>
      <TextInput
        label="Model"
        description="hf:org/repo, hf:org/repo:Q8_0, hf:org/repo/file.gguf, or an alias"
        value={model}
        onChange={(event) => onModel(event.currentTarget.value)}
        required
        data-autofocus
      />
      <Select
        label="Machine"
        data={state?.nodes.map(({ name }) => name) ?? []}
        value={node}
        onChange={onNode}
        allowDeselect={false}
      />
    </>
  );
}
