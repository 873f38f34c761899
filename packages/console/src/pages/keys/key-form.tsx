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
import { sizes, taskPriorities } from "@rbee/contract";
import type { KeyCreated } from "@rbee/contract";
import { wholeNumber } from "../../format/whole-number.ts";
import { useState } from "react";
import type { SubmitEvent } from "react";
import { describeFailure } from "../../parts/describe-failure.ts";
import type { Failure } from "../../parts/describe-failure.ts";
import { FailureNotice } from "../../parts/failure-notice.tsx";
import { useSession } from "../../state/console-context.tsx";
import { noWish, rateWindows, requestOf } from "./key-wish.ts";
import type { KeyWish, RateUnit } from "./key-wish.ts";

interface KeyFormProps {
  readonly isOpen: boolean;
  /** Nobody needs a key until now. */
  readonly isFirst: boolean;
  readonly onClose: () => void;
  readonly onCreated: (key: KeyCreated) => void;
}

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
      <KeyLimitFields wish={wish} onChange={onChange} />
    </>
  );
}

const units = Object.keys(rateWindows) as RateUnit[];
const daysMax = Math.floor(sizes.keyLifetimeSecondsMax / rateWindows.day);

function KeyLimitFields({ wish, onChange }: Omit<KeyFieldsProps, "isFirst">) {
  return (
    <>
      <Group grow align="flex-end">
        <NumberInput
          label="Requests at most"
          placeholder="no limit"
          min={1}
          max={sizes.keyRateMax}
          clampBehavior="strict"
          allowDecimal={false}
          value={wish.requests ?? ""}
          onChange={(count) => onChange({ requests: wholeNumber(count) })}
        />
        <Select
          label="in each"
          data={units}
          value={wish.per}
          onChange={(per) => onChange({ per: units.find((unit) => unit === per) ?? "minute" })}
          allowDeselect={false}
        />
      </Group>
      <Group grow align="flex-start">
        <NumberInput
          label="Expires after days"
          placeholder="never"
          min={1}
          max={daysMax}
          clampBehavior="strict"
          allowDecimal={false}
          value={wish.days ?? ""}
          onChange={(days) => onChange({ days: wholeNumber(days) })}
        />
        <Select
          label="Priority at most"
          description="In the queue, when all are busy"
          data={[...taskPriorities]}
          value={wish.priority}
          onChange={(chosen) =>
            onChange({ priority: taskPriorities.find((one) => one === chosen) ?? "normal" })
          }
          allowDeselect={false}
        />
      </Group>
    </>
  );
}
