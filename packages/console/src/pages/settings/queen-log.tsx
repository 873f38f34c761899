import { Button, Drawer } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { LogView } from "../../parts/log-view.tsx";
import type { LogSource } from "../../state/use-log-lines.ts";

// Who names neither a machine nor a worker means the queen.
const queen: LogSource = {};
const title = "Log of the queen";

export function QueenLog() {
  const [isOpen, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button variant="default" size="xs" onClick={open}>
        Log
      </Button>
      <Drawer
        opened={isOpen}
        onClose={close}
        title={title}
        position="right"
        size="xl"
        closeButtonProps={{ "aria-label": "Close the log" }}
      >
        {isOpen && <LogView source={queen} label={title} />}
      </Drawer>
    </>
  );
}
