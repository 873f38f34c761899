import { Badge, Table, Text } from "@mantine/core";
import type { KeyOnWire } from "@rbee/contract";
import { useState } from "react";
import { ConfirmButton } from "../../parts/confirm-button.tsx";
import { describeFailure } from "../../parts/describe-failure.ts";
import type { Failure } from "../../parts/describe-failure.ts";
import { FailureNotice } from "../../parts/failure-notice.tsx";
import { TableHead } from "../../parts/table-head.tsx";
import { useSession } from "../../state/console-context.tsx";
import { describeKeyLimits } from "./describe-key-limits.ts";

interface KeyTableProps {
  readonly keys: readonly KeyOnWire[];
  readonly onChanged: () => void;
}

export function KeyTable({ keys, onChanged }: KeyTableProps) {
  const { queen } = useSession();
  const [failure, setFailure] = useState<Failure>();
  const revoke = ({ id }: KeyOnWire) => {
    setFailure(undefined);
    queen
      .call("revokeKey", { params: { id } })
      .then(onChanged, (error: unknown) => setFailure(describeFailure(error)));
  };
  return (
    <>
      {failure !== undefined && <FailureNotice failure={failure} />}
      <Table.ScrollContainer minWidth={720}>
        <Table verticalSpacing="xs" striped>
          <TableHead
            titles={["Name", "May", "Limits", "Last used", "Requests", "Tokens"]}
            hasActions
          />
          <Table.Tbody>
            {keys.map((key) => (
              <KeyRow key={key.id} apiKey={key} onRevoke={() => revoke(key)} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </>
  );
}

interface KeyRowProps {
  readonly apiKey: KeyOnWire;
  readonly onRevoke: () => void;
}

function KeyRow({ apiKey, onRevoke }: KeyRowProps) {
  const { name, fingerprint, scope, last_used_unix: lastUsed } = apiKey;
  const tokens = apiKey.prompt_tokens + apiKey.generated_tokens;
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm">{name}</Text>
        <Text size="xs" c="dimmed">
          {fingerprint}
        </Text>
      </Table.Td>
      <Table.Td>
        <Badge variant="light" color={scope === "operate" ? "orange" : "gray"}>
          {scope}
        </Badge>
      </Table.Td>
      <Table.Td className="breakable">{describeKeyLimits(apiKey, Date.now()).join(", ")}</Table.Td>
      <Table.Td>
        {lastUsed === null ? "never" : new Date(lastUsed * 1000).toLocaleString()}
      </Table.Td>
      <Table.Td className="figure">{apiKey.requests.toLocaleString()}</Table.Td>
      <Table.Td className="figure">{tokens.toLocaleString()}</Table.Td>
      <Table.Td>
        <ConfirmButton
          label="Revoke"
          question={`Whoever uses ${name} is refused from this moment on, and what runs for it is ended.`}
          confirmLabel="Revoke it"
          onConfirm={onRevoke}
        />
      </Table.Td>
    </Table.Tr>
  );
}
