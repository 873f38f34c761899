import { Group, Paper, Text } from "@mantine/core";
import type { QueenState } from "../../state/live-state.ts";

type Task = QueenState["tasks"][number];

const endedPhases: ReadonlySet<string> = new Set(["done", "failed", "cancelled"]);

export function RequestFigures({ tasks }: { readonly tasks: readonly Task[] }) {
  const open = tasks.filter(({ phase }) => !endedPhases.has(phase));
  const waiting = open.filter(({ phase }) => phase === "queued").length;
  const rate = open.reduce((sum, task) => sum + task.tokens_per_sec, 0);
  return (
    <Group>
      <Figure label="Running" value={String(open.length - waiting)} />
      <Figure label="Waiting" value={String(waiting)} />
      <Figure label="Tokens per second" value={rate.toFixed(1)} />
    </Group>
  );
}

function Figure({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <Paper withBorder px="md" py="xs" miw={140}>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text size="xl" fw={600} className="figure">
        {value}
      </Text>
    </Paper>
  );
}
