import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import type { SubmitEvent } from "react";

interface RenameButtonProps {
  readonly title: string;
  readonly onRename: (title: string) => void;
}

export function RenameButton({ title, onRename }: RenameButtonProps) {
  const [isOpen, { open, close }] = useDisclosure(false);
  const [next, setNext] = useState(title);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    onRename(next);
    close();
  };
  const begin = () => {
    setNext(title);
    open();
  };
  return (
    <>
      <Button size="xs" variant="default" onClick={begin}>
        Rename
      </Button>
      <Modal opened={isOpen} onClose={close} title="Rename the conversation" centered>
        <form onSubmit={submit}>
          <Stack>
            <TextInput
              label="Title"
              value={next}
              maxLength={200}
              onChange={(event) => setNext(event.currentTarget.value)}
              data-autofocus
            />
            <Group justify="flex-end">
              <Button type="submit" disabled={next.trim() === ""}>
                Rename
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
