import { Card, Group, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import type { ModelOnWire, NodeState } from "@rbee/contract";
import { useCallback, useState } from "react";
import { formatBytes } from "../../format/format-bytes.ts";
import { ConfirmButton } from "../../parts/confirm-button.tsx";
import { describeFailure } from "../../parts/describe-failure.ts";
import type { Failure } from "../../parts/describe-failure.ts";
import { FailureNotice } from "../../parts/failure-notice.tsx";
import { TableHead } from "../../parts/table-head.tsx";
import { useSession } from "../../state/console-context.tsx";
import { useAnswer } from "../../state/use-answer.ts";
import { ModelFacts } from "./model-facts.tsx";

/** What one machine has on its disk. */
export function NodeModels({ node }: { readonly node: NodeState }) {
  const { queen } = useSession();
  const ask = useCallback(
    (signal: AbortSignal) => queen.call("listModels", { query: { node: node.name }, signal }),
    [queen, node.name],
  );
  const { answer, failure, isAsking, askAgain } = useAnswer(ask);
  const [refusal, setRefusal] = useState<Failure>();
  const remove = ({ id }: ModelOnWire) => {
    setRefusal(undefined);
    queen
      .call("deleteModel", { params: { id }, query: { node: node.name } })
      .then(askAgain, (error: unknown) => setRefusal(describeFailure(error)));
  };
  const models = answer?.models ?? [];
  const total = models.reduce((sum, model) => sum + model.size_bytes, 0);
  const isEmpty = answer !== undefined && models.length === 0;
  return (
    <Card withBorder component="section" aria-label={`Models of ${node.name}`}>
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} size="h4">
            {node.name}
          </Title>
          <Text size="sm" c="dimmed" className="figure">
            {answer === undefined ? "" : `${models.length} models, ${formatBytes(total)}`}
          </Text>
        </Group>
        {failure !== undefined && <FailureNotice failure={failure} />}
        {refusal !== undefined && <FailureNotice failure={refusal} />}
        {answer === undefined && isAsking && <Skeleton height={80} />}
        {isEmpty && <Text c="dimmed">Nothing yet. Fetch a model, or just ask for one.</Text>}
        {models.length > 0 && <ModelTable models={models} onRemove={remove} />}
      </Stack>
    </Card>
  );
}

interface ModelTableProps {
  readonly models: readonly ModelOnWire[];
  readonly onRemove: (model: ModelOnWire) => void;
}

function ModelTable({ models, onRemove }: ModelTableProps) {
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table verticalSpacing="xs">
        <TableHead titles={["Model", "Size", "Quantisation", "Used"]} hasActions />
        <Table.Tbody>
          {models.map((model) => (
            <Table.Tr key={model.id}>
              <Table.Td className="breakable">{model.reference}</Table.Td>
              <Table.Td className="figure">{formatBytes(model.size_bytes)}</Table.Td>
              <Table.Td>{model.quantization ?? "unknown"}</Table.Td>
              <Table.Td className="figure">{model.use_count} times</Table.Td>
              <Table.Td>
                <Group gap="xs" wrap="nowrap">
                  <ModelFacts model={model} />
                  {model.provider !== "bundled" && (
                    <ConfirmButton
                      label="Delete"
                      question={describeRemoval(model)}
                      confirmLabel="Delete it"
                      onConfirm={() => onRemove(model)}
                    />
                  )}
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function describeRemoval({ provider, reference, size_bytes: bytes }: ModelOnWire): string {
  return provider === "file"
    ? `rbee forgets ${reference}. The file is yours and stays where it is.`
    : `${reference} is deleted from that machine's disk, which frees ${formatBytes(bytes)}. It can be fetched again.`;
}
