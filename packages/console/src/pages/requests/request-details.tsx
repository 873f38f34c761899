import { Alert, Code, List, Stack, Table, Text } from "@mantine/core";
import { formatShortDuration } from "../../format/format-short-duration.ts";
import { describeErrorCode } from "./describe-error-code.ts";
import type { Task } from "./is-open-task.ts";
import { planWaterfall } from "./plan-waterfall.ts";
import type { Bar } from "./plan-waterfall.ts";

interface RequestDetailsProps {
  readonly task: Task;
  readonly keyNames: ReadonlyMap<string, string>;
}

export function RequestDetails({ task, keyNames }: RequestDetailsProps) {
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
    ["Asked by", keyNames.get(task.source ?? "") ?? task.source ?? "unknown"],
    ["Began", new Date(task.started_at).toLocaleString()],
    ["Took", formatShortDuration(totalMs)],
    ["Tokens", `${task.tokens}, ${task.tokens_per_sec.toFixed(1)} per second`],
  ];
  return (
    <Stack>
      {task.error_code !== null && <RequestError code={task.error_code} />}
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

function RequestError({ code }: { readonly code: string }) {
  const described = describeErrorCode(code);
  const color = code === "CANCELLED" ? "gray" : "red";
  return (
    <Alert color={color} title={described?.title ?? "It failed"}>
      {described !== undefined && described.hints.length > 0 && (
        <List size="sm">
          {described.hints.map((hint) => (
            <List.Item key={hint}>{hint}</List.Item>
          ))}
        </List>
      )}
      <Code>{code}</Code>
    </Alert>
  );
}

function WaterfallBar({ bar, totalMs }: { readonly bar: Bar; readonly totalMs: number }) {
  const percent = (milliseconds: number) => `${(milliseconds / totalMs) * 100}%`;
  return (
    <div>
      <Text size="xs" className="figure">
        {bar.label}: {formatShortDuration(bar.lengthMs)}
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
