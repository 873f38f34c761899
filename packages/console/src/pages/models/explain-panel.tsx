import {
  Alert,
  Badge,
  Button,
  Group,
  NumberInput,
  Select,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { backends } from "@rbee/contract";
import type { NodeExplanation, PlacementExplanation } from "@rbee/contract";
import { useMemo, useState } from "react";
import type { SubmitEvent } from "react";
import type { z } from "zod";
import { wholeNumber } from "../../format/whole-number.ts";
import { describeFailure } from "../../parts/describe-failure.ts";
import type { Failure } from "../../parts/describe-failure.ts";
import { FailureNotice } from "../../parts/failure-notice.tsx";
import { RowTable } from "../../parts/row-table.tsx";
import type { Column } from "../../parts/row-table.tsx";
import { useLive, useSession } from "../../state/console-context.tsx";

type Explained = z.infer<typeof NodeExplanation>;

/** Where it should run, as far as that was said. */
interface Place {
  readonly node: string | undefined;
  readonly backend: string | undefined;
  readonly device: number | undefined;
  readonly context: number | undefined;
}

const anywhere: Place = {
  node: undefined,
  backend: undefined,
  device: undefined,
  context: undefined,
};

/** Asks the queen where a model would run now, and why. */
export function ExplainPanel() {
  const { queen } = useSession();
  const [model, setModel] = useState("hello-bee");
  const [place, setPlace] = useState(anywhere);
  const [answer, setAnswer] = useState<PlacementExplanation>();
  const [failure, setFailure] = useState<Failure>();
  const [isAsking, setAsking] = useState(false);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setAsking(true);
    setFailure(undefined);
    queen
      .call("explainPlacement", { query: { model: model.trim(), ...place } })
      .then(setAnswer, (error: unknown) => setFailure(describeFailure(error)))
      .finally(() => setAsking(false));
  };
  return (
    <Stack>
      <form onSubmit={submit}>
        <Group align="flex-end">
          <TextInput
            label="Model"
            value={model}
            onChange={(event) => setModel(event.currentTarget.value)}
            required
            w={320}
            maw="100%"
          />
          <PlaceFields
            place={place}
            onChange={(patch) => setPlace((before) => ({ ...before, ...patch }))}
          />
          <Button type="submit" loading={isAsking} disabled={model.trim() === ""}>
            Where would it run?
          </Button>
        </Group>
      </form>
      {failure !== undefined && <FailureNotice failure={failure} />}
      {answer !== undefined && (
        <>
          <Alert color="blue" title={`A request for ${answer.model} that came now`} role="status">
            {answer.choice.reason}
          </Alert>
          <ExplainTable nodes={answer.nodes} chosen={answer.choice.node} />
        </>
      )}
    </Stack>
  );
}

interface PlaceFieldsProps {
  readonly place: Place;
  readonly onChange: (patch: Partial<Place>) => void;
}

function PlaceFields({ place, onChange }: PlaceFieldsProps) {
  const { state } = useLive();
  return (
    <>
      <Select
        label="Machine"
        placeholder="any"
        data={state?.nodes.map(({ name }) => name) ?? []}
        value={place.node ?? null}
        onChange={(node) => onChange({ node: node ?? undefined })}
        clearable
        w={160}
      />
      <Select
        label="Backend"
        placeholder="the best there"
        data={[...backends]}
        value={place.backend ?? null}
        onChange={(backend) => onChange({ backend: backend ?? undefined })}
        clearable
        w={160}
      />
      <NumberInput
        label="GPU number"
        placeholder="any"
        min={0}
        value={place.device ?? ""}
        onChange={(device) => onChange({ device: wholeNumber(device) })}
        w={120}
      />
      <NumberInput
        label="Context per slot"
        placeholder="auto"
        min={16}
        value={place.context ?? ""}
        onChange={(context) => onChange({ context: wholeNumber(context) })}
        w={140}
      />
    </>
  );
}

interface ExplainTableProps {
  readonly nodes: readonly Explained[];
  readonly chosen: string | null;
}

function ExplainTable({ nodes, chosen }: ExplainTableProps) {
  const columns = useMemo(() => columnsFor(chosen), [chosen]);
  return (
    <RowTable
      label="Where it would fit"
      rows={nodes}
      columns={columns}
      keyOf={({ node }) => node}
    />
  );
}

function columnsFor(chosen: string | null): readonly Column<Explained>[] {
  return [
    {
      title: "Machine",
      cell: ({ node }) => (
        <div>
          {node} {node === chosen && <Badge size="xs">chosen</Badge>}
        </div>
      ),
    },
    { title: "Verdict", cell: (node) => <Verdict node={node} /> },
    { title: "Needs", cell: ({ required_mb: megabytes }) => formatMb(megabytes) },
    { title: "Free", cell: ({ available_mb: megabytes }) => formatMb(megabytes) },
    { title: "On disk", cell: ({ on_disk: isOnDisk }) => (isOnDisk ? "yes" : "no") },
    {
      title: "Would stop",
      cell: ({ would_stop: workers }) => workers.map((worker) => worker.model_ref).join(", "),
    },
  ];
}

function Verdict({ node }: { readonly node: Explained }) {
  return (
    <div>
      {describeVerdict(node)}
      {node.error !== null && (
        <Text size="xs" c="dimmed">
          {node.error.message}
        </Text>
      )}
    </div>
  );
}

function describeVerdict({ verdict, short_mb: short }: Explained): string {
  if (verdict === "short" && short !== null) return `short by ${short} MB`;
  return verdict === "not-asked" ? "its hive does not run" : verdict;
}

function formatMb(megabytes: number | null): string {
  return megabytes === null ? "" : `${megabytes} MB`;
}
