import { Alert, Code, List, Stack, Text } from "@mantine/core";
import type { Failure } from "./describe-failure.ts";

/** What went wrong, with the next step. */
export function FailureNotice({ failure }: { readonly failure: Failure }) {
  const { title, lines, hints, code } = failure;
  return (
    <Alert color="red" title={title} role="alert">
      <Stack gap="xs">
        {lines.map((line) => (
          <Text key={line} size="sm">
            {line}
          </Text>
        ))}
        {hints.length > 0 && (
          <List size="sm">
            {hints.map((hint) => (
              <List.Item key={hint}>{isCommand(hint) ? <Code>{hint}</Code> : hint}</List.Item>
            ))}
          </List>
        )}
        <Text size="xs" c="dimmed">
          {code}
        </Text>
      </Stack>
    </Alert>
  );
}

function isCommand(hint: string): boolean {
  return /^(?:rbee(?:-keeper)?|sudo|ssh|chmod) /.test(hint);
}
