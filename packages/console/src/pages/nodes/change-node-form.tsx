import { Modal, Stack, Text } from "@mantine/core";
import type { NodeOnWire } from "@rbee/contract";
import { useSession } from "../../state/console-context.tsx";
import { updateRequestOf, wishOf } from "./node-wish.ts";
import { TrustForm } from "./trust-form.tsx";

interface ChangeNodeFormProps {
  readonly node: NodeOnWire;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onChanged: () => void;
}

/** Changes how a machine is reached; it is also the way to accept another host key. */
export function ChangeNodeForm({ node, isOpen, onClose, onChanged }: ChangeNodeFormProps) {
  const { queen } = useSession();
  const done = () => {
    onChanged();
    onClose();
  };
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={`Change ${node.node_name}`}
      size="lg"
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Stack>
        <Text size="sm" c="dimmed">
          It is saved only when the queen can log in with it. What is installed under another path
          stays there.
        </Text>
        <TrustForm
          first={wishOf(node)}
          isNamed
          submitLabel="It is this machine: test and save"
          send={(wish, trust, signal) =>
            queen.stream("updateNode", { body: updateRequestOf(wish, trust), signal })
          }
          onDone={done}
        />
      </Stack>
    </Modal>
  );
}
