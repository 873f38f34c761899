import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import type { ButtonProps } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";

interface ConfirmButtonProps extends ButtonProps {
  readonly label: string;
  /** What will happen, for a person who has to decide. */
  readonly question: string;
  readonly confirmLabel: string;
  readonly onConfirm: () => void;
}

/** A button for what cannot be taken back: it asks once more. */
export function ConfirmButton(props: ConfirmButtonProps) {
  const { label, question, confirmLabel, onConfirm, ...look } = props;
  const [isOpen, { open, close }] = useDisclosure(false);
  // A page may have very many of these buttons: the question is there once a person comes near,
  // before it is opened, so that it knows where the focus goes back to.
  const [isNear, setNear] = useState(false);
  const comeNear = () => setNear(true);
  const ask = () => {
    comeNear();
    open();
  };
  const confirm = () => {
    close();
    onConfirm();
  };
  return (
    <>
      <Button
        variant="default"
        size="xs"
        {...look}
        onPointerEnter={comeNear}
        onFocus={comeNear}
        onClick={ask}
      >
        {label}
      </Button>
      {isNear && (
        <Modal opened={isOpen} onClose={close} title={label} centered>
          <Stack>
            <Text size="sm">{question}</Text>
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                Keep it
              </Button>
              <Button color="red.9" onClick={confirm} data-autofocus>
                {confirmLabel}
              </Button>
            </Group>
          </Stack>
        </Modal>
      )}
    </>
  );
}
