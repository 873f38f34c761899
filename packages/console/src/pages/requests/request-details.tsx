import { Stack, Table, Text } from "@mantine/core";
import { formatDuration } from "../../format/format-duration.ts";
import type { Task } from "./is-open-task.ts";
import { planWaterfall } from "./plan-waterfall.ts";
import type { Bar } from "./plan-waterfall.ts";

export function RequestDetails({ task }: { readonly task: Task }) {
  const nowMs = Date.now();
  const bars = planWaterfall(task, nowMs);
  const endMs = task.ended_at === null ? nowMs : Date.parse(task.ended_at);
  const totalMs = Math.max(1, endMs - Date.parse(task.started_at));
  const facts: readonly (readonly [string, string])[] = [
    ["Id", task.task_id],
    ["Model", task.model],
    ["Phase", task.phase],
    ["Machine", task.node ?? "none yet"],
    ["Worker", task.worker_id ?? "none yet"],
    ["Asked by", task.source ?? "unknown"],
    ["Began", new Date(task.started_at).toLocaleString()],
    ["Took", formatPrecisely(totalMs)],
    ["Tokens", `${task.tokens}, ${task.tokens_per_sec.toFixed(1)} per second`],
    ...(task.error_code === null ? [] : [["Error", task.error_code] as const]),
  ];
  return (
    <Stack>
      <Table variant="vertical" withTableBorder>
        <Table.Tbody>
          {facts.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th w={110}>{name}</Table.Th>
              <Table.Td className="figure breakable">{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Stack gap={6} component="section" aria-label="Where the time went">
        {bars.map((bar) => (
          <WaterfallBar key={`${bar.label} ${bar.beginMs}`} bar={bar} totalMs={totalMs} />
        ))}
      </Stack>
    </Stack>
  );
}

function WaterfallBar({ bar, totalMs }: { readonly bar: Bar; readonly totalMs: number }) {
  const percent = (milliseconds: number) => `${(milliseconds / totalMs) * 100}%`;
  return (
    <div>
      <Text size="xs" className="figure">
        {bar.label}: {formatPrecisely(bar.lengthMs)}
      </Text>
      <div className="waterfall-track" aria-hidden="true">
        <div
          className="waterfall-bar"
          style={{ marginLeft: percent(bar.beginMs), width: percent(bar.lengthMs) }}
        />
      </div>
    </div>
  );
}

function formatPrecisely(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 10_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return formatDuration(milliseconds);
}
