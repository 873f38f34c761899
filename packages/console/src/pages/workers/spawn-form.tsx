import { Button, Group, Modal, NumberInput, Select, Stack, TextInput } from "@mantine/core";
import { backends } from "@rbee/contract";
import type { QueenSpawnEvent } from "@rbee/contract";
import { wholeNumber } from "../../format/whole-number.ts";
import { useState } from "react";
import type { SubmitEvent } from "react";
import { OperationStory } from "../../parts/operation-story.tsx";
import { useLive, useSession } from "../../state/console-context.tsx";
import { PlacementHint } from "./placement-hint.tsx";
import { useOperation } from "../../state/use-operation.ts";

interface SpawnFormProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

interface SpawnWish {
  readonly model: string;
  readonly node: string | null;
  readonly backend: string | null;
  readonly device: number | undefined;
  readonly slots: number | undefined;
  readonly context: number | undefined;
}

const noWish: SpawnWish = {
  model: "hello-bee",
  node: null,
  backend: null,
  device: undefined,
  slots: undefined,
  context: undefined,
};

/** Loads a model ahead of time, and tells how that goes. */
export function SpawnForm({ isOpen, onClose }: SpawnFormProps) {
  const { queen } = useSession();
  const [wish, setWish] = useState(noWish);
  const operation = useOperation<QueenSpawnEvent>();
  const change = (patch: Partial<SpawnWish>) => setWish((before) => ({ ...before, ...patch }));
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const { model, node, backend, device, slots, context } = wish;
    const body = {
      model: model.trim(),
      node: node ?? undefined,
      backend: backend ?? undefined,
      device,
      slots,
      context,
    };
    operation.start((signal) => queen.stream("spawnWorker", { body, signal }));
  };
  return (
    <Modal opened={isOpen} onClose={onClose} title="Load a model" size="lg">
      <Stack>
        <form onSubmit={submit}>
          <SpawnFields wish={wish} onChange={change} />
          <Group justify="flex-end" mt="md">
            <Button type="submit" loading={operation.status === "running"}>
              Load
            </Button>
          </Group>
        </form>
        <OperationStory operation={operation} onCancel={operation.cancel} label="How it goes" />
        {noRoom.has(operation.failure?.code ?? "") && (
          <PlacementHint model={wish.model.trim()} context={wish.context} />
        )}
        {operation.status === "done" && (
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              It is loaded; close
            </Button>
          </Group>
        )}
      </Stack>
    </Modal>
  );
}

// There, but not here: other machines may have the room.
const noRoom: ReadonlySet<string> = new Set(["INSUFFICIENT_RAM", "VRAM_EXHAUSTED"]);

interface SpawnFieldsProps {
  readonly wish: SpawnWish;
  readonly onChange: (patch: Partial<SpawnWish>) => void;
}

function SpawnFields({ wish, onChange }: SpawnFieldsProps) {
  const { state } = useLive();
  const nodes = state?.nodes.map(({ name }) => name) ?? [];
  return (
    <Stack gap="xs">
      <TextInput
        label="Model"
        description="hello-bee, hf:org/repo, hf:org/repo:Q8_0, file:/path.gguf, or an alias"
        value={wish.model}
        onChange={(event) => onChange({ model: event.currentTarget.value })}
        required
        data-autofocus
      />
      <Select
        label="Machine"
        placeholder="the queen's own"
        data={nodes}
        value={wish.node}
        onChange={(node) => onChange({ node })}
        clearable
      />
      <Group grow>
        <Select
          label="Backend"
          placeholder="the best there"
          data={[...backends]}
          value={wish.backend}
          onChange={(backend) => onChange({ backend })}
          clearable
        />
        <NumberInput
          label="GPU number"
          placeholder="any"
          min={0}
          value={wish.device ?? ""}
          onChange={(device) => onChange({ device: wholeNumber(device) })}
        />
      </Group>
      <Group grow>
        <NumberInput
          label="Slots"
          placeholder="auto"
          min={1}
          max={64}
          value={wish.slots ?? ""}
          onChange={(slots) => onChange({ slots: wholeNumber(slots) })}
        />
        <NumberInput
          label="Context per slot"
          placeholder="auto"
          min={16}
          value={wish.context ?? ""}
          onChange={(context) => onChange({ context: wholeNumber(context) })}
        />
      </Group>
    </Stack>
  );
}
