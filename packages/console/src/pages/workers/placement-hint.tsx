import { Alert, List, Text } from "@mantine/core";
import type { PlacementExplanation } from "@rbee/contract";
import { useCallback } from "react";
import { useSession } from "../../state/console-context.tsx";
import { useAnswer } from "../../state/use-answer.ts";

interface PlacementHintProps {
  readonly model: string;
  readonly context: number | undefined;
}

/** Where a model would fit that did not fit where it was wanted. */
export function PlacementHint({ model, context }: PlacementHintProps) {
  const { queen } = useSession();
  const ask = useCallback(
    (signal: AbortSignal) => queen.call("explainPlacement", { query: { model, context }, signal }),
    [queen, model, context],
  );
  const { answer } = useAnswer(ask);
  if (answer === undefined) return null;
  return (
    <Alert color="blue" title="Where it would fit" role="status">
      <Text size="sm">{answer.choice.reason}</Text>
      <List size="sm">
        {answer.nodes.map((node) => (
          <List.Item key={node.node}>
            {node.node}: {describeRoom(node)}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

function describeRoom(node: PlacementExplanation["nodes"][number]): string {
  const { verdict, required_mb: needed, available_mb: free, would_stop: stops } = node;
  const figures =
    needed === null || free === null ? "" : ` (needs ${needed} MB, ${free} MB are free)`;
  const room = stops.length === 0 ? "" : `; stop ${stops.map((one) => one.worker_id).join(", ")}`;
  return `${verdict === "not-asked" ? "its hive does not run" : verdict}${figures}${room}`;
}
