import { Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import { useCallback } from "react";
import { FailureNotice } from "../../parts/failure-notice.tsx";
import { TableHead } from "../../parts/table-head.tsx";
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
        <Table.ScrollContainer minWidth={480}>
          <Table>
            <TableHead titles={["Day (UTC)", "Key", "Requests", "Tokens read", "Tokens written"]} />
            <Table.Tbody>
              {usage.map((row) => (
                <Table.Tr key={`${row.day} ${row.id}`} className="figure">
                  <Table.Td>{row.day}</Table.Td>
                  <Table.Td>{row.name}</Table.Td>
                  <Table.Td>{row.requests.toLocaleString()}</Table.Td>
                  <Table.Td>{row.prompt_tokens.toLocaleString()}</Table.Td>
                  <Table.Td>{row.generated_tokens.toLocaleString()}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Stack>
  );
}
