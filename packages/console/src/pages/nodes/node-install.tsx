import { Alert, Button, Modal, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { InstallEvent } from "@rbee/contract";
import { useEffect } from "react";
import { useSession } from "../../state/console-context.tsx";
import { useKeptOperation } from "../../state/use-kept-operation.ts";
import { InstallPanel } from "./install-panel.tsx";

interface NodeInstallProps {
  readonly name: string;
  readonly hasGit: boolean;
  /** It was registered a moment ago: this is what comes next. */
  readonly isFresh: boolean;
  readonly isSuggested: boolean;
  readonly isDisabled: boolean;
  readonly onChanged: () => void;
}

/** The installation of one machine; it goes on while one looks at something else in this tab. */
export function NodeInstall(props: NodeInstallProps) {
  const { name, hasGit, isFresh, isSuggested, isDisabled, onChanged } = props;
  const { queen } = useSession();
  const [isOpen, { open, close }] = useDisclosure(isFresh);
  const operation = useKeptOperation<InstallEvent>(`install ${name}`);
  const { status } = operation;
  useEffect(() => {
    if (status !== "idle" && status !== "running") onChanged();
  }, [status, onChanged]);
  const install = (isFromGit: boolean) => {
    const body = { node_name: name, ...(isFromGit ? { from_git: true } : {}) };
    operation.start((signal) => queen.stream("installNode", { body, signal }));
  };
  const show = () => {
    if (status !== "running") operation.putAway();
    open();
  };
  return (
    <>
      <Button
        size="xs"
        variant={isSuggested ? "filled" : "default"}
        disabled={isDisabled}
        onClick={show}
      >
        {status === "running" ? "Installing …" : "Install rbee there"}
      </Button>
      <Modal
        opened={isOpen}
        onClose={close}
        title={`Install rbee on ${name}`}
        size="lg"
        closeButtonProps={{ "aria-label": "Close" }}
      >
        <Stack>
          {isFresh && status === "idle" && (
            <Alert color="green" title={`${name} is registered`} role="status">
              The queen can log in there. What is missing now is rbee itself.
            </Alert>
          )}
          <InstallPanel
            name={name}
            hasGit={hasGit}
            operation={operation}
            onInstall={install}
            onClose={close}
          />
        </Stack>
      </Modal>
    </>
  );
}
