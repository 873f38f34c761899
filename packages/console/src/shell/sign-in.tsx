import {
  Alert,
  Button,
  Card,
  Center,
  Checkbox,
  Code,
  PasswordInput,
  Stack,
  Text,
  Title,
} from "@mantine/core";
import { useState } from "react";
import type { SubmitEvent } from "react";
import { useLive, useSession } from "../state/console-context.tsx";
import { findKeyProblem } from "./find-key-problem.ts";

/** Asks for a key when the queen wants one. */
export function SignIn() {
  const session = useSession();
  const { isKeyRefused } = useLive();
  const [key, setKey] = useState("");
  const [isRemembered, setRemembered] = useState(false);
  const problem = findKeyProblem(key);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (problem === undefined) session.signIn(key.trim(), isRemembered);
  };
  return (
    <Center component="main" mih="100vh" p="md">
      <Card withBorder shadow="sm" padding="xl" w={420} maw="100%">
        <form onSubmit={submit}>
          <Stack>
            <Title order={1} size="h3">
              This queen wants a key
            </Title>
            <Text size="sm">
              Make one on her machine with{" "}
              <Code>rbee keys create --name browser --scope operate</Code> and paste it here.
            </Text>
            <Refusal />
            <PasswordInput
              label="API key"
              value={key}
              onChange={(event) => setKey(event.currentTarget.value)}
              error={problem}
              autoComplete="current-password"
              required
              data-autofocus
            />
            <Checkbox
              label="Keep it in this browser"
              description="Otherwise it is forgotten with this tab."
              checked={isRemembered}
              onChange={(event) => setRemembered(event.currentTarget.checked)}
            />
            <Button type="submit" disabled={key.trim() === "" || problem !== undefined}>
              Sign in
            </Button>
            {isKeyRefused && (
              <Button variant="subtle" onClick={session.signOut}>
                Try without a key
              </Button>
            )}
          </Stack>
        </form>
      </Card>
    </Center>
  );
}

/** Why the key that was shown does not open the console. */
function Refusal() {
  const { isKeyRefused, isKeyNarrow } = useLive();
  if (isKeyNarrow) {
    return (
      <Alert color="yellow" title="That key is for asking models" role="alert">
        Programs can use it, such as any OpenAI client at {location.origin}/v1. To see and steer
        machines takes a key with the scope <Code>operate</Code>.
      </Alert>
    );
  }
  if (!isKeyRefused) return null;
  return (
    <Alert color="red" title="That key is not accepted" role="alert">
      It may be mistyped, revoked or expired. <Code>rbee keys list</Code> shows the keys that are in
      force.
    </Alert>
  );
}
