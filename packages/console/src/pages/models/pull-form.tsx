import { Alert, Button, Group, Modal, Select, Stack, Text, TextInput } from "@mantine/core";
import { localNodeName } from "@rbee/contract";
import { useState } from "react";
import type { SubmitEvent } from "react";
import { OperationStory } from "../../parts/operation-story.tsx";
import { useLive } from "../../state/console-context.tsx";
import type { PullRoom, PullView } from "./create-pull-room.ts";
import type { BegunPull } from "./pull-memory.ts";

interface PullFormProps {
  readonly isOpen: boolean;
  readonly pulls: readonly PullView[];
  readonly room: PullRoom;
  readonly onClose: () => void;
}

/** Brings a model to a machine's disk. What is stopped half-way goes on at the same byte later. */
export function PullForm({ isOpen, pulls, room, onClose }: PullFormProps) {
  const [model, setModel] = useState("");
  const [node, setNode] = useState<string | null>(localNodeName);
  const [asked, setAsked] = useState<BegunPull>();
  const pull = pulls.find(
    ({ model: other, node: at }) => other === asked?.model && at === asked.node,
  );
  const status = pull?.status ?? "idle";
  const isRunning = status === "running";
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const wish = { model: model.trim(), node: node ?? localNodeName };
    setAsked(wish);
    room.start(wish);
  };
  const close = () => {
    // It goes on in the list of the page; the form is ready for another one.
    setAsked(undefined);
    if (status === "running" || status === "done") setModel("");
    // What was refused at once is nothing that could go on.
    if (pull?.status === "failed" && pull.progress === undefined) room.forget(pull);
    onClose();
  };
  return (
    <Modal opened={isOpen} onClose={close} title="Fetch a model" size="lg">
      <Stack>
        <form onSubmit={submit}>
          <Stack gap="xs">
            <PullFields
              model={model}
              node={node}
              isLocked={isRunning}
              onModel={setModel}
              onNode={setNode}
            />
            <Group justify="flex-end">
              {/* Keys of their own: one button that turns into the other would submit the form. */}
              {isRunning && asked !== undefined ? (
                <Button key="pause" variant="default" onClick={() => room.pause(asked)}>
                  Pause
                </Button>
              ) : (
                <Button key="fetch" type="submit" disabled={model.trim() === ""}>
                  {status === "cancelled" || status === "failed" ? "Go on" : "Fetch"}
                </Button>
              )}
            </Group>
          </Stack>
        </form>
        <PullStory pull={pull} />
      </Stack>
    </Modal>
  );
}

/** How the one that was asked for goes. */
function PullStory({ pull }: { readonly pull: PullView | undefined }) {
  if (pull === undefined) return null;
  const { status, node } = pull;
  return (
    <>
      {status === "running" && (
        <Text size="sm">
          Close this if you like: it goes on for as long as this browser tab is open.
        </Text>
      )}
      {status === "cancelled" && <Text size="sm">It goes on at the byte where it stopped.</Text>}
      <OperationStory operation={pull} label="How it goes" />
      {status === "done" && (
        <Alert color="green" title="It is there" role="status">
          The model is on the disk of {node}.
        </Alert>
      )}
    </>
  );
}

interface PullFieldsProps {
  readonly model: string;
  readonly node: string | null;
  readonly isLocked: boolean;
  readonly onModel: (model: string) => void;
  readonly onNode: (node: string | null) => void;
}

function PullFields({ model, node, isLocked, onModel, onNode }: PullFieldsProps) {
  const { state } = useLive();
  return (
    <>
      <TextInput
        label="Model"
        description="hf:org/repo, hf:org/repo:Q8_0, hf:org/repo/file.gguf, or an alias"
        value={model}
        disabled={isLocked}
        onChange={(event) => onModel(event.currentTarget.value)}
        required
        data-autofocus
      />
      <Select
        label="Machine"
        data={state?.nodes.map(({ name }) => name) ?? []}
        value={node}
        disabled={isLocked}
        onChange={onNode}
        allowDeselect={false}
      />
    </>
  );
}
