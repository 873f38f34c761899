import { Alert, Badge, Card, Group, Stack, Text, Title } from "@mantine/core";
import type { NodeOnWire, NodeState } from "@rbee/contract";
import { memo } from "react";
import { describeDevices, describeWay } from "./describe-node.ts";
import { judgeNode } from "./judge-node.ts";
import type { NodeNote } from "./judge-node.ts";
import { NodeActions } from "./node-actions.tsx";

interface NodePanelProps {
  readonly name: string;
  /** Absent for the queen's own machine, which needs no registration. */
  readonly registered: NodeOnWire | undefined;
  readonly live: NodeState | undefined;
  readonly queenVersion: string | undefined;
  readonly isFresh: boolean;
  readonly onChanged: () => void;
  readonly onRemoved: (message: string) => void;
}

/** One machine: how it is reached, what is on it, what it needs. */
export const NodePanel = memo(function NodePanel(props: NodePanelProps) {
  const { name, registered, live, queenVersion, isFresh, onChanged, onRemoved } = props;
  const { label, color, note } = judgeNode({ name, live, registered, queenVersion });
  const version = live?.version ?? null;
  return (
    <Card withBorder component="article" aria-label={`Machine ${name}`}>
      <Stack gap="xs">
        <Group justify="space-between">
          <Title order={2} size="h4" className="breakable">
            {name}
          </Title>
          <Badge variant="light" color={color}>
            {version === null ? label : `${label} · v${version}`}
          </Badge>
        </Group>
        <Text size="sm" c="dimmed" className="breakable">
          {registered === undefined
            ? "The queen's own machine; nothing has to be set up."
            : describeWay(registered)}
        </Text>
        {live?.devices != null && <Text size="sm">{describeDevices(live.devices)}</Text>}
        {registered?.host_key != null && (
          <Text size="xs" c="dimmed" className="breakable">
            Host key {registered.host_key}
          </Text>
        )}
        {note !== undefined && <NoteText note={note} />}
        <NodeActions
          name={name}
          node={registered}
          mend={note?.mend}
          isFresh={isFresh}
          onChanged={onChanged}
          onRemoved={onRemoved}
        />
      </Stack>
    </Card>
  );
}, isSamePanel);

function NoteText({ note: { level, text } }: { readonly note: NodeNote }) {
  if (level === "info") {
    return (
      <Text size="sm" c="dimmed">
        {text}
      </Text>
    );
  }
  return (
    <Alert color={level === "problem" ? "red" : "yellow"} py="xs">
      <Text size="sm" className="breakable">
        {text}
      </Text>
    </Alert>
  );
}

// The live state comes four times a second, and says the same of a machine most of the time.
function isSamePanel(before: NodePanelProps, after: NodePanelProps): boolean {
  const { live: liveBefore, ...restBefore } = before;
  const { live: liveAfter, ...restAfter } = after;
  const isSame = (Object.keys(restAfter) as (keyof typeof restAfter)[]).every(
    (key) => restBefore[key] === restAfter[key],
  );
  return isSame && sayOf(liveBefore) === sayOf(liveAfter);
}

function sayOf(live: NodeState | undefined): string {
  return JSON.stringify({ ...live, last_seen: live?.last_seen != null });
}
