import { Badge, Button, Code, Group, Skeleton, Stack, Text } from "@mantine/core";
import type { DoctorFinding } from "@rbee/contract";
import { useCallback } from "react";
import { FailureNotice } from "../../parts/failure-notice.tsx";
import { useSession } from "../../state/console-context.tsx";
import { useAnswer } from "../../state/use-answer.ts";
import { describeFindings } from "./describe-findings.ts";

/** What is wrong with a machine, and how to mend it. */
export function NodeDoctor({ name }: { readonly name: string }) {
  const { queen } = useSession();
  const ask = useCallback(
    (signal: AbortSignal) => queen.call("doctor", { query: { node: name }, signal }),
    [queen, name],
  );
  const { answer, failure, isAsking, askAgain } = useAnswer(ask);
  return (
    <Stack aria-busy={isAsking}>
      {failure !== undefined && <FailureNotice failure={failure} />}
      {answer === undefined && isAsking && <Skeleton height={200} />}
      {answer === undefined && isAsking && (
        <Text size="sm" role="status">
          Looking at {name}: the way to it, its disk and memory, and whether its hive starts …
        </Text>
      )}
      {answer !== undefined && (
        <Text size="sm" fw={600} role="status">
          {describeFindings(answer.findings)}
        </Text>
      )}
      {answer?.findings.map((finding) => (
        <Finding key={`${finding.check} ${finding.found}`} finding={finding} />
      ))}
      <Group justify="flex-end">
        <Button variant="default" size="xs" onClick={askAgain} loading={isAsking}>
          Look again
        </Button>
      </Group>
    </Stack>
  );
}

const colors = { ok: "green", warning: "yellow", problem: "red" } as const;

function Finding({ finding }: { readonly finding: DoctorFinding }) {
  const { check, status, found, advice } = finding;
  return (
    <div>
      <Group gap="xs" align="flex-start" wrap="nowrap">
        <Badge color={colors[status]} variant="light" miw={80}>
          {status}
        </Badge>
        <Text size="sm" className="breakable lines">
          <b>{check}</b>: {found}
        </Text>
      </Group>
      {advice !== null && (
        <Code block mt={4}>
          {advice}
        </Code>
      )}
    </div>
  );
}
