import {
  Alert,
  Button,
  Group,
  Modal,
  NumberInput,
  Select,
  Stack,
  TagsInput,
  TextInput,
} from "@mantine/core";
import type { CreateKeyRequest, KeyCreated } from "@rbee/contract";
import { useState } from "react";
import type { SubmitEvent } from "react";
import { describeFailure } from "../../parts/describe-failure.ts";
import type { Failure } from "../../parts/describe-failure.ts";
import { FailureNotice } from "../../parts/failure-notice.tsx";
import { useSession } from "../../state/console-context.tsx";

interface KeyFormProps {
  readonly isOpen: boolean;
  /** Nobody needs a key until now. */
  readonly isFirst: boolean;
  readonly onClose: () => void;
  readonly onCreated: (key: KeyCreated) => void;
}

interface KeyWish {
  readonly name: string;
  readonly scope: "use" | "operate";
  readonly models: string[];
  readonly perMinute: number | undefined;
  readonly days: number | undefined;
}

const daySeconds = 86_400;
const minuteSeconds = 60;

export function KeyForm({ isOpen, isFirst, onClose, onCreated }: KeyFormProps) {
  const { queen } = useSession();
  const [wish, setWish] = useState<KeyWish>(noWish);
  const [failure, setFailure] = useState<Failure>();
  const change = (patch: Partial<KeyWish>) => setWish((before) => ({ ...before, ...patch }));
  const scope = isFirst ? "operate" : wish.scope;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setFailure(undefined);
    queen.call("createKey", { body: requestOf({ ...wish, scope }) }).then(
      (key) => {
        setWish(noWish);
        onCreated(key);
      },
      (error: unknown) => setFailure(describeFailure(error)),
    );
  };
  return (
    <Modal opened={isOpen} onClose={onClose} title="Make a key" size="lg">
      <form onSubmit={submit}>
        <Stack>
          {isFirst && (
            <Alert color="yellow" title="The first key closes the door">
              From then on every program and browser needs one. Make one for yourself first, that
              may do everything; this page signs in with it.
            </Alert>
          )}
          <KeyFields wish={{ ...wish, scope }} isFirst={isFirst} onChange={change} />
          {failure !== undefined && <FailureNotice failure={failure} />}
          <Group justify="flex-end">
            <Button type="submit">Make it</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

const noWish: KeyWish = {
  name: "",
  scope: "use",
  models: [],
  perMinute: undefined,
  days: undefined,
};

function requestOf({ name, scope, models, perMinute, days }: KeyWish): CreateKeyRequest {
  return {
    name: name.trim(),
    scope,
    ...(models.length === 0 ? {} : { models }),
    ...(perMinute === undefined
      ? {}
      : { rate: { limit: perMinute, window_seconds: minuteSeconds } }),
    ...(days === undefined ? {} : { expires_in_seconds: days * daySeconds }),
  };
}

interface KeyFieldsProps {
  readonly wish: KeyWish;
  readonly isFirst: boolean;
  readonly onChange: (patch: Partial<KeyWish>) => void;
}

function KeyFields({ wish, isFirst, onChange }: KeyFieldsProps) {
  return (
    <>
      <TextInput
        label="Name"
        description="Whose it is, or what it is for: laptop, editor, anna"
        value={wish.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
        required
        data-autofocus
      />
      <Select
        label="It may"
        data={[
          { value: "use", label: "use: ask models" },
          { value: "operate", label: "operate: everything that you can do here" },
        ]}
        value={wish.scope}
        onChange={(scope) => onChange({ scope: scope === "operate" ? "operate" : "use" })}
        allowDeselect={false}
        disabled={isFirst}
      />
      <TagsInput
        label="Only these models"
        description="References, aliases, or hf:org/*; none means all. Enter adds one."
        value={wish.models}
        onChange={(models) => onChange({ models })}
      />
      <Group grow>
        <NumberInput
          label="Requests per minute"
          placeholder="no limit"
          min={1}
          value={wish.perMinute ?? ""}
          onChange={(count) => onChange({ perMinute: wholeNumber(count) })}
        />
        <NumberInput
          label="Expires after days"
          placeholder="never"
          min={1}
          value={wish.days ?? ""}
          onChange={(days) => onChange({ days: wholeNumber(days) })}
        />
      </Group>
    </>
  );
}

function wholeNumber(value: number | string): number | undefined {
  return typeof value === "number" ? Math.round(value) : undefined;
}
