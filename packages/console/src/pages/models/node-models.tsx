import { Card, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import type { ModelOnWire, NodeState } from "@rbee/contract";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { formatBytes } from "../../format/format-bytes.ts";
import { ConfirmButton } from "../../parts/confirm-button.tsx";
import { describeFailure } from "../../parts/describe-failure.ts";
import type { Failure } from "../../parts/describe-failure.ts";
import { FailureNotice } from "../../parts/failure-notice.tsx";
import { RowTable } from "../../parts/row-table.tsx";
import type { Column } from "../../parts/row-table.tsx";
import { useSession } from "../../state/console-context.tsx";
import { useAnswer } from "../../state/use-answer.ts";
import { ModelFacts } from "./model-facts.tsx";
import { VerifyButton } from "./verify-button.tsx";

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
          <Group gap="sm">
            <Text size="sm" c="dimmed" className="figure">
              {answer === undefined ? "" : describeSum(models.length, total)}
            </Text>
            <VerifyButton node={node.name} />
          </Group>
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
  const latest = useRef(onRemove);
  useEffect(() => {
    latest.current = onRemove;
  });
  const columns = useMemo(() => columnsFor((model) => latest.current(model)), []);
  return <RowTable label="Models" rows={models} columns={columns} keyOf={({ id }) => id} />;
}

function columnsFor(onRemove: ModelTableProps["onRemove"]): readonly Column<ModelOnWire>[] {
  return [
    { title: "Model", cell: ({ reference }) => reference },
    { title: "Size", cell: ({ size_bytes: bytes }) => formatBytes(bytes) },
    { title: "Quantisation", cell: ({ quantization }) => quantization ?? "unknown" },
    { title: "Used", cell: ({ use_count: count }) => (count === 1 ? "once" : `${count} times`) },
    {
      title: "",
      cell: (model) => (
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
      ),
    },
  ];
}

function describeSum(count: number, bytes: number): string {
  return `${count === 1 ? "1 model" : `${count} models`}, ${formatBytes(bytes)}`;
}

function describeRemoval({ provider, reference, size_bytes: bytes }: ModelOnWire): string {
  return provider === "file"
    ? `rbee forgets ${reference}. The file is yours and stays where it is.`
    : `${reference} is deleted from that machine's disk, which frees ${formatBytes(bytes)}. It can be fetched again.`;
}
