import { Badge, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { FailureNotice } from "../../parts/failure-notice.tsx";
import { useVerification } from "./use-verification.ts";

/** Reads a machine's model files again, and says which of them are as they should be. */
export function VerifyButton({ node }: { readonly node: string }) {
  const [isOpen, { open, close }] = useDisclosure(false);
  const { status, results, failure, start } = useVerification(node);
  const begin = () => {
    open();
    if (status !== "running") start();
  };
  const bad = results.filter(({ ok }) => !ok).length;
  return (
    <>
      <Button variant="default" size="xs" onClick={begin}>
        Verify
      </Button>
      <Modal opened={isOpen} onClose={close} title={`The model files of ${node}`} size="lg">
        <Stack gap="xs">
          {results.map(({ id, reference, ok, problem }) => (
            <Group key={id} gap="xs" wrap="nowrap" align="flex-start">
              <Badge variant="light" color={ok ? "green" : "red"} miw={60}>
                {ok ? "ok" : "bad"}
              </Badge>
              <Text size="sm" className="breakable">
                {reference}
                {problem === null ? "" : `: ${problem}`}
              </Text>
            </Group>
          ))}
          {failure !== undefined && <FailureNotice failure={failure} />}
          <Text size="sm" c="dimmed" role="status">
            {status === "running" && "Reading every file to its end; large ones take minutes …"}
            {status === "done" && describeEnd(results.length, bad)}
          </Text>
        </Stack>
      </Modal>
    </>
  );
}

function describeEnd(count: number, bad: number): string {
  if (count === 0) return "There is no file to read.";
  if (bad === 0) return "All of them are as they were fetched.";
  return "Delete what is bad and fetch it again.";
}
