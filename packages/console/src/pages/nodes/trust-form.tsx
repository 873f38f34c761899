import { Button, Group, Stack } from "@mantine/core";
import type { NodeEvent } from "@rbee/contract";
import { useEffect, useRef, useState } from "react";
import type { SubmitEvent } from "react";
import { FailureNotice } from "../../parts/failure-notice.tsx";
import { OperationStory } from "../../parts/operation-story.tsx";
import { useOperation } from "../../state/use-operation.ts";
import { HostKeyView } from "./host-key-view.tsx";
import { NodeFields } from "./node-fields.tsx";
import { leadsElsewhere } from "./node-wish.ts";
import type { NodeWish, Trust } from "./node-wish.ts";
import { useHostKey } from "./use-host-key.ts";

interface TrustFormProps {
  readonly first: NodeWish;
  readonly isNamed?: boolean;
  /** What the button says once the key was shown. */
  readonly submitLabel: string;
  readonly send: (
    wish: NodeWish,
    trust: Trust,
    signal: AbortSignal,
  ) => Promise<AsyncIterable<NodeEvent>>;
  readonly onDone: (name: string) => void;
}

/** Two steps: the machine shows its host key, then it is logged in to, step by step. */
export function TrustForm({ first, isNamed, submitLabel, send, onDone }: TrustFormProps) {
  const [wish, setWish] = useState(first);
  const { shown, failure, isLooking, lookAt, putAway } = useHostKey();
  const operation = useOperation<NodeEvent>();
  const { status } = operation;
  const isRunning = status === "running";
  const change = (patch: Partial<NodeWish>) => {
    const next = { ...wish, ...patch };
    setWish(next);
    // Another machine has another key; what was seen says nothing of it.
    if (leadsElsewhere(wish, next)) putAway();
    operation.putAway();
  };
  // What comes next stands below what was filled in, which may be more than the window shows.
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (shown !== undefined || failure !== undefined || status !== "idle") {
      end.current?.scrollIntoView({ block: "end" });
    }
  }, [shown, failure, status, operation.lines.length]);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (shown === undefined) return lookAt(wish);
    const trust = { hostKey: shown.host_key, isReplaced: shown.known === "changed" };
    operation.start(
      (signal) => send(wish, trust, signal),
      (told) => {
        if (told.type === "done") onDone(told.node_name);
      },
    );
  };
  return (
    <form onSubmit={submit} aria-label={isNamed === true ? "The machine" : "The new machine"}>
      <Stack>
        <NodeFields
          wish={wish}
          onChange={change}
          isNamed={isNamed === true}
          isLocked={isRunning || isLooking}
        />
        {failure !== undefined && <FailureNotice failure={failure} />}
        {shown !== undefined && <HostKeyView shown={shown} />}
        <OperationStory operation={operation} onCancel={operation.cancel} label="The SSH test" />
        <Group justify="flex-end" ref={end}>
          {shown !== undefined && !isRunning && (
            <Button variant="default" onClick={() => lookAt(wish)}>
              Look again
            </Button>
          )}
          <Button
            type="submit"
            loading={isRunning || isLooking}
            color={shown?.known === "changed" ? "red.9" : undefined}
          >
            {shown === undefined ? "Look at the machine" : submitLabel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
