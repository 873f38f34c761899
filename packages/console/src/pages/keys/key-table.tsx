import { Badge, Text } from "@mantine/core";
import type { KeyOnWire } from "@rbee/contract";
import { useMemo, useState } from "react";
import { ConfirmButton } from "../../parts/confirm-button.tsx";
import { describeFailure } from "../../parts/describe-failure.ts";
import type { Failure } from "../../parts/describe-failure.ts";
import { FailureNotice } from "../../parts/failure-notice.tsx";
import { RowTable } from "../../parts/row-table.tsx";
import type { Column } from "../../parts/row-table.tsx";
import { TickingText } from "../../parts/ticking-text.tsx";
import { useSession } from "../../state/console-context.tsx";
import { describeKeyLimits } from "./describe-key-limits.ts";

interface KeyTableProps {
  readonly keys: readonly KeyOnWire[];
  readonly onChanged: () => void;
}

export function KeyTable({ keys, onChanged }: KeyTableProps) {
  const { queen } = useSession();
  const [failure, setFailure] = useState<Failure>();
  const columns = useMemo(() => {
    const revoke = ({ id }: KeyOnWire) => {
      setFailure(undefined);
      queen
        .call("revokeKey", { params: { id } })
        .then(onChanged, (error: unknown) => setFailure(describeFailure(error)));
    };
    return columnsFor(revoke);
  }, [queen, onChanged]);
  return (
    <>
      {failure !== undefined && <FailureNotice failure={failure} />}
      <RowTable label="Keys" rows={keys} columns={columns} keyOf={({ id }) => id} />
    </>
  );
}

function columnsFor(onRevoke: (key: KeyOnWire) => void): readonly Column<KeyOnWire>[] {
  return [
    { title: "Name", cell: (key) => <KeyName apiKey={key} /> },
    {
      title: "May",
      cell: ({ scope }) => (
        <Badge variant="light" color={scope === "operate" ? "orange" : "gray"}>
          {scope}
        </Badge>
      ),
    },
    {
      title: "Limits",
      cell: (key) => <TickingText text={(nowMs) => describeKeyLimits(key, nowMs).join(", ")} />,
    },
    { title: "Last used", cell: ({ last_used_unix: lastUsed }) => describeTime(lastUsed) },
    { title: "Requests", cell: ({ requests }) => requests.toLocaleString() },
    {
      title: "Tokens",
      cell: ({ prompt_tokens: read, generated_tokens: written }) =>
        (read + written).toLocaleString(),
    },
    {
      title: "",
      cell: (key) => (
        <ConfirmButton
          label="Revoke"
          question={`Whoever uses ${key.name} is refused from this moment on, and what runs for it is ended.`}
          confirmLabel="Revoke it"
          onConfirm={() => onRevoke(key)}
        />
      ),
    },
  ];
}

function KeyName({ apiKey }: { readonly apiKey: KeyOnWire }) {
  return (
    <div>
      <Text size="sm">{apiKey.name}</Text>
      <Text size="xs" c="dimmed">
        {apiKey.fingerprint}
      </Text>
    </div>
  );
}

function describeTime(unix: number | null): string {
  return unix === null ? "never" : new Date(unix * 1000).toLocaleString();
}
