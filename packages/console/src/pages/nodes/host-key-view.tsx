import { Alert, Code, Stack, Text } from "@mantine/core";
import { hostKeyCommand } from "@rbee/contract";
import type { ShownHostKey } from "@rbee/contract";
import { describeHostKey } from "./describe-host-key.ts";

/** The key that a machine shows, and how one finds out whether it is that machine's. */
export function HostKeyView({ shown }: { readonly shown: ShownHostKey }) {
  const { title, text, isWarning } = describeHostKey(shown);
  return (
    <Alert color={isWarning ? "red" : "honey"} title={title} role={isWarning ? "alert" : "status"}>
      <Stack gap="xs">
        <Text size="sm">{text}</Text>
        <Fingerprint label={`It shows now (${shown.key_type})`} value={shown.host_key} />
        {shown.recorded_host_key !== null && (
          <Fingerprint label="Recorded" value={shown.recorded_host_key} />
        )}
        {(shown.known === "new" || isWarning) && (
          <Text size="sm">
            On that machine itself, <Code>{hostKeyCommand(shown.key_type)}</Code> says its
            fingerprint: every letter must be the same.
          </Text>
        )}
      </Stack>
    </Alert>
  );
}

function Fingerprint({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <div>
      <Text size="xs">{label}</Text>
      <Code className="breakable">{value}</Code>
    </div>
  );
}
