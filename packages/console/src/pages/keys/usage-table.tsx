import { Skeleton, Stack, Text, Title } from "@mantine/core";
import type { KeyUsageDay } from "@rbee/contract";
import { useCallback } from "react";
import { FailureNotice } from "../../parts/failure-notice.tsx";
import { RowTable } from "../../parts/row-table.tsx";
import type { Column } from "../../parts/row-table.tsx";
import { useSession } from "../../state/console-context.tsx";
import { useAnswer } from "../../state/use-answer.ts";

const daysShown = 14;

/** What each key asked for, by day. */
export function UsageTable() {
  const { queen } = useSession();
  const ask = useCallback(
    (signal: AbortSignal) => queen.call("keyUsage", { query: { days: daysShown }, signal }),
    [queen],
  );
  const { answer, failure } = useAnswer(ask);
  const usage = answer?.usage ?? [];
  return (
    <Stack gap="xs" component="section" aria-label="Usage by day">
      <Title order={2} size="h4">
        The last {daysShown} days
      </Title>
      {failure !== undefined && <FailureNotice failure={failure} />}
      {answer === undefined && failure === undefined && <Skeleton height={80} />}
      {answer !== undefined && usage.length === 0 && <Text c="dimmed">Nobody asked yet.</Text>}
      {usage.length > 0 && (
        <RowTable
          label="Usage by day"
          rows={usage}
          columns={columns}
          keyOf={({ day, id }) => `${day} ${id}`}
        />
      )}
    </Stack>
  );
}

const columns: readonly Column<KeyUsageDay>[] = [
  { title: "Day (UTC)", cell: ({ day }) => day },
  { title: "Key", cell: ({ name }) => name },
  { title: "Requests", cell: ({ requests }) => requests.toLocaleString() },
  { title: "Tokens read", cell: ({ prompt_tokens: read }) => read.toLocaleString() },
  { title: "Tokens written", cell: ({ generated_tokens: written }) => written.toLocaleString() },
];
