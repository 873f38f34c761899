import {
  Accordion,
  Alert,
  Button,
  Group,
  Modal,
  NumberInput,
  Stack,
  TextInput,
} from "@mantine/core";
import type { AddNodeRequest, NodeEvent } from "@rbee/contract";
import { useState } from "react";
import type { SubmitEvent } from "react";
import { OperationStory } from "../../parts/operation-story.tsx";
import { useSession } from "../../state/console-context.tsx";
import { useOperation } from "../../state/use-operation.ts";

interface AddNodeFormProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onAdded: () => void;
}

interface NodeWish {
  readonly name: string;
  readonly host: string;
  readonly port: number | undefined;
  readonly user: string;
  readonly keyPath: string;
  readonly installPath: string;
}

const noWish: NodeWish = {
  name: "",
  host: "",
  port: undefined,
  user: "",
  keyPath: "",
  installPath: "",
};

/** Tests SSH to a machine, step by step, and registers it. */
export function AddNodeForm({ isOpen, onClose, onAdded }: AddNodeFormProps) {
  const { queen } = useSession();
  const [wish, setWish] = useState(noWish);
  const operation = useOperation<NodeEvent>();
  const change = (patch: Partial<NodeWish>) => setWish((before) => ({ ...before, ...patch }));
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    operation.start(
      (signal) => queen.stream("addNode", { body: requestOf(wish), signal }),
      ({ type }) => {
        if (type === "done") onAdded();
      },
    );
  };
  const leave = () => {
    operation.putAway();
    setWish(noWish);
    onClose();
  };
  return (
    <Modal opened={isOpen} onClose={leave} title="Add a machine" size="lg">
      <Stack>
        <form onSubmit={submit}>
          <NodeFields wish={wish} onChange={change} />
          <Group justify="flex-end" mt="md">
            <Button type="submit" loading={operation.status === "running"}>
              Test and add
            </Button>
          </Group>
        </form>
        <OperationStory operation={operation} onCancel={operation.cancel} label="The SSH test" />
        {operation.status === "done" && (
          <Alert color="green" title={`${wish.name} is registered`} role="status">
            Now put rbee there: <b>Install rbee there</b> on its card.
          </Alert>
        )}
      </Stack>
    </Modal>
  );
}

function requestOf({ name, host, port, user, keyPath, installPath }: NodeWish): AddNodeRequest {
  return {
    node_name: name.trim(),
    ssh_host: host.trim(),
    ...(port === undefined ? {} : { ssh_port: port }),
    ...(user.trim() === "" ? {} : { ssh_user: user.trim() }),
    ...(keyPath.trim() === "" ? {} : { ssh_key_path: keyPath.trim() }),
    ...(installPath.trim() === "" ? {} : { install_path: installPath.trim() }),
  };
}

interface NodeFieldsProps {
  readonly wish: NodeWish;
  readonly onChange: (patch: Partial<NodeWish>) => void;
}

function NodeFields({ wish, onChange }: NodeFieldsProps) {
  const text = (field: "name" | "host" | "user" | "keyPath" | "installPath") => ({
    value: wish[field],
    onChange: (event: { readonly currentTarget: HTMLInputElement }) =>
      onChange({ [field]: event.currentTarget.value }),
  });
  return (
    <Stack gap="xs">
      <TextInput
        label="Name"
        description="How you call it"
        required
        data-autofocus
        {...text("name")}
      />
      <TextInput
        label="SSH host"
        description="A name of your SSH configuration, a host name or an address"
        required
        {...text("host")}
      />
      <Accordion variant="contained">
        <Accordion.Item value="more">
          <Accordion.Control>More, where your SSH configuration does not say it</Accordion.Control>
          <Accordion.Panel>
            <Stack gap="xs">
              <NumberInput
                label="SSH port"
                placeholder="22"
                min={1}
                max={65_535}
                value={wish.port ?? ""}
                onChange={(port) => onChange({ port: typeof port === "number" ? port : undefined })}
              />
              <TextInput label="SSH user" {...text("user")} />
              <TextInput
                label="SSH key"
                description="A path on the queen's machine"
                {...text("keyPath")}
              />
              <TextInput label="Install path there" placeholder="~/rbee" {...text("installPath")} />
            </Stack>
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
    </Stack>
  );
}
