import { Button, Modal, Table } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { ModelOnWire } from "@rbee/contract";
import { formatBytes } from "../../format/format-bytes.ts";

/** What the header of a model's file says. */
export function ModelFacts({ model }: { readonly model: ModelOnWire }) {
  const [isOpen, { open, close }] = useDisclosure(false);
  const facts: readonly (readonly [string, string])[] = [
    ["Reference", model.reference],
    ["File", model.local_path],
    ["Size", formatBytes(model.size_bytes)],
    ["Architecture", model.architecture ?? "unknown"],
    ["Quantisation", model.quantization ?? "unknown"],
    ["Parameters", model.parameters?.toLocaleString() ?? "unknown"],
    ["Context", model.context_length?.toLocaleString() ?? "unknown"],
    ["Vocabulary", model.vocabulary_size?.toLocaleString() ?? "unknown"],
    ["Digest", model.digest ?? "none"],
    ["Here since", formatTime(model.downloaded_at_unix)],
    ["Last used", model.last_used_unix === null ? "never" : formatTime(model.last_used_unix)],
  ];
  return (
    <>
      <Button variant="default" size="xs" onClick={open}>
        Facts
      </Button>
      <Modal opened={isOpen} onClose={close} title={model.id} size="lg">
        <Table variant="vertical" withTableBorder>
          <Table.Tbody>
            {facts.map(([name, value]) => (
              <Table.Tr key={name}>
                <Table.Th w={130}>{name}</Table.Th>
                <Table.Td className="breakable">{value}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Modal>
    </>
  );
}

function formatTime(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toLocaleString();
}
