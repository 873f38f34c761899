import { Alert, Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { localNodeName } from "@rbee/contract";
import type { PullEvent } from "@rbee/contract";
import { useState } from "react";
import type { SubmitEvent } from "react";
import { OperationStory } from "../../parts/operation-story.tsx";
import { useLive, useSession } from "../../state/console-context.tsx";
import { useOperation } from "../../state/use-operation.ts";

interface PullFormProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onPulled: () => void;
}

/** Brings a model to a machine's disk. What is stopped half-way goes on at the same byte later. */
export function PullForm({ isOpen, onClose, onPulled }: PullFormProps) {
  const { queen } = useSession();
  const { state } = useLive();
  const [model, setModel] = useState("");
  const [node, setNode] = useState<string | null>(localNodeName);
  const operation = useOperation<PullEvent>();
  const { status } = operation;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const body = { model: model.trim(), node: node ?? undefined };
    operation.start(
      (signal) => queen.stream("pullModel", { body, signal }),
      ({ type }) => {
        if (type === "done") onPulled();
      },
    );
  };
  return (
    <Modal opened={isOpen} onClose={onClose} title="Fetch a model" size="lg">
      <Stack>
        <form onSubmit={submit}>
          <Stack gap="xs">
            <TextInput
              label="Model"
              description="hf:org/repo, hf:org/repo:Q8_0, hf:org/repo/file.gguf, or an alias"
              value={model}
              onChange={(event) => setModel(event.currentTarget.value)}
              required
              data-autofocus
            />
            <Select
              label="Machine"
              data={state?.nodes.map(({ name }) => name) ?? []}
              value={node}
              onChange={setNode}
              allowDeselect={false}
            />
            <Group justify="flex-end">
              {status === "running" ? (
                <Button variant="default" onClick={operation.cancel}>
                  Pause
                </Button>
              ) : (
                <Button type="submit" disabled={model.trim() === ""}>
                  {status === "cancelled" || status === "failed" ? "Go on" : "Fetch"}
                </Button>
              )}
            </Group>
          </Stack>
        </form>
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
