import { Modal, Stack, Text } from "@mantine/core";
import { useSession } from "../../state/console-context.tsx";
import { addRequestOf, noWish } from "./node-wish.ts";
import { TrustForm } from "./trust-form.tsx";

interface AddNodeFormProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onAdded: (name: string) => void;
}

/** Tests SSH to a machine, step by step, and registers it. */
export function AddNodeForm({ isOpen, onClose, onAdded }: AddNodeFormProps) {
  const { queen } = useSession();
  const done = (name: string) => {
    onAdded(name);
    onClose();
  };
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title="Add a machine"
      size="lg"
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Stack>
        <Text size="sm" c="dimmed">
          First the machine shows its host key, then the queen logs in with your SSH key. It is
          saved only when that works.
        </Text>
        <TrustForm
          first={noWish}
          submitLabel="It is this machine: test and add"
          send={(wish, trust, signal) =>
            queen.stream("addNode", { body: addRequestOf(wish, trust), signal })
          }
          onDone={done}
        />
      </Stack>
    </Modal>
  );
}
