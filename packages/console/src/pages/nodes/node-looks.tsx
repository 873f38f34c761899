import { Button, Drawer, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { LogView } from "../../parts/log-view.tsx";
import { NodeDoctor } from "./node-doctor.tsx";

interface NodeLooksProps {
  readonly name: string;
  readonly isSuggested: boolean;
}

/** Ways to look into a machine that change nothing there. */
export function NodeLooks({ name, isSuggested }: NodeLooksProps) {
  const [isLogOpen, log] = useDisclosure(false);
  const [isDoctorOpen, doctor] = useDisclosure(false);
  return (
    <>
      <Button size="xs" variant={isSuggested ? "filled" : "default"} onClick={doctor.open}>
        Check
      </Button>
      <Button size="xs" variant="default" onClick={log.open}>
        Log
      </Button>
      <Drawer
        opened={isLogOpen}
        onClose={log.close}
        title={`Log of ${name}`}
        position="right"
        size="xl"
        closeButtonProps={{ "aria-label": "Close the log" }}
      >
        {isLogOpen && <LogView source={{ node: name }} label={`Log of ${name}`} />}
      </Drawer>
      <Modal
        opened={isDoctorOpen}
        onClose={doctor.close}
        title={`A look at ${name}`}
        size="lg"
        closeButtonProps={{ "aria-label": "Close" }}
      >
        {isDoctorOpen && <NodeDoctor name={name} />}
      </Modal>
    </>
  );
}
