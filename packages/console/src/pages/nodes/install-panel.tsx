import { Alert, Button, Group, Radio, Stack } from "@mantine/core";
import type { InstallEvent } from "@rbee/contract";
import { useState } from "react";
import { OperationStory } from "../../parts/operation-story.tsx";
import type { UsedOperation } from "../../state/use-operation.ts";
import { NodeDoctor } from "./node-doctor.tsx";

interface InstallPanelProps {
  readonly name: string;
  /** Whether the machine has a repository to build from. */
  readonly hasGit: boolean;
  /** It goes on when this is not shown any more, for as long as the tab is open. */
  readonly operation: UsedOperation<InstallEvent>;
  readonly onInstall: (isFromGit: boolean) => void;
  readonly onClose: () => void;
}

/** Puts rbee on a machine, then looks whether all is well there. */
export function InstallPanel(props: InstallPanelProps) {
  const { name, hasGit, operation, onInstall, onClose } = props;
  const [way, setWay] = useState("send");
  const [isChecking, setChecking] = useState(false);
  const isRunning = operation.status === "running";
  const install = () => {
    setChecking(false);
    onInstall(way === "git");
  };
  return (
    <Stack>
      <InstallWay name={name} hasGit={hasGit} way={way} onChange={setWay} isLocked={isRunning} />
      <OperationStory
        operation={operation}
        onCancel={operation.cancel}
        label={`The installation on ${name}`}
      />
      {operation.status === "done" && operation.message !== undefined && (
        <Alert color="green" title="It is there" role="status" className="breakable">
          {operation.message}
        </Alert>
      )}
      {isChecking && <NodeDoctor name={name} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {isRunning ? "Hide this, and go on" : operation.status === "done" ? "Done" : "Later"}
        </Button>
        {operation.status === "done" ? (
          !isChecking && <Button onClick={() => setChecking(true)}>Check</Button>
        ) : (
          <Button onClick={install} loading={isRunning} data-autofocus>
            Install rbee there
          </Button>
        )}
      </Group>
    </Stack>
  );
}

interface InstallWayProps {
  readonly name: string;
  readonly hasGit: boolean;
  readonly way: string;
  readonly onChange: (way: string) => void;
  readonly isLocked: boolean;
}

function InstallWay({ name, hasGit, way, onChange, isLocked }: InstallWayProps) {
  const fromWhere = hasGit
    ? "From the repository that its fields name"
    : "Of a clone in its install path; else name a repository first, with Change";
  return (
    <Radio.Group value={way} onChange={onChange} label={`How rbee comes to ${name}`}>
      <Stack gap="xs" mt="xs">
        <Radio
          value="send"
          disabled={isLocked}
          label="Send what the queen's machine has"
          description="Nothing is needed there, and what is there already is not sent again"
        />
        <Radio
          value="git"
          disabled={isLocked}
          label="Build it there from git"
          description={`${fromWhere}. That machine needs git, a compiler and time`}
        />
      </Stack>
    </Radio.Group>
  );
}
