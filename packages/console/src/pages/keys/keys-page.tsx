import { Alert, Button, Code, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { KeyCreated } from "@rbee/contract";
import { useCallback, useState } from "react";
import { CopyButton } from "../../parts/copy-button.tsx";
import { FailureNotice } from "../../parts/failure-notice.tsx";
import { useSession } from "../../state/console-context.tsx";
import { useAnswer } from "../../state/use-answer.ts";
import { KeyForm } from "./key-form.tsx";
import { KeyTable } from "./key-table.tsx";
import { UsageTable } from "./usage-table.tsx";

/** Who may ask the queen, for what, and how much they asked for. */
export function KeysPage() {
  const session = useSession();
  const { queen } = session;
  const ask = useCallback((signal: AbortSignal) => queen.call("listKeys", { signal }), [queen]);
  const { answer, failure, isAsking, askAgain } = useAnswer(ask);
  const [isCreating, { open, close }] = useDisclosure(false);
  const [created, setCreated] = useState<KeyCreated>();
  const show = (key: KeyCreated) => {
    close();
    setCreated(key);
    // The first key closes the queen to whoever has none, this page among them.
    if (key.is_first && key.scope === "operate") session.signIn(key.key, false);
    askAgain();
  };
  const isFirst = answer !== undefined && answer.keys.length === 0 && !session.hasKey();
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Keys
        </Title>
        <Button onClick={open}>Make a key</Button>
      </Group>
      {created !== undefined && <CreatedNotice created={created} />}
      {failure !== undefined && <FailureNotice failure={failure} />}
      {answer === undefined && isAsking && <Skeleton height={120} />}
      {answer?.keys.length === 0 && (
        <Text c="dimmed">
          There is no key. Programs and browsers on the queen&apos;s own machine need none; with the
          first key everybody needs one, and she can be opened to the network.
        </Text>
      )}
      {answer !== undefined && answer.keys.length > 0 && (
        <>
          <KeyTable keys={answer.keys} onChanged={askAgain} />
          <UsageTable />
        </>
      )}
      <KeyForm isOpen={isCreating} isFirst={isFirst} onClose={close} onCreated={show} />
    </Stack>
  );
}

function CreatedNotice({ created }: { readonly created: KeyCreated }) {
  const { key, name, is_first: isFirst, scope } = created;
  return (
    <Alert color="green" title={`The key ${name}`} role="status">
      <Stack gap="xs">
        <Text size="sm">It is shown this once: copy it now.</Text>
        <Group>
          <Code className="breakable">{key}</Code>
          <CopyButton text={() => key} />
        </Group>
        {isFirst && scope === "operate" && (
          <Text size="sm">From now on everybody needs a key. This page uses the new one.</Text>
        )}
      </Stack>
    </Alert>
  );
}
