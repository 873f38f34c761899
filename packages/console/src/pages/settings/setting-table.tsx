import { Badge, Table, Text } from "@mantine/core";
import type { SettingsAnswer } from "@rbee/contract";
import type { z } from "zod";
import { TableHead } from "../../parts/table-head.tsx";

type Setting = z.infer<typeof SettingsAnswer>["settings"][number];

export function SettingTable({ settings }: { readonly settings: readonly Setting[] }) {
  return (
    <Table.ScrollContainer minWidth={480}>
      <Table verticalSpacing={4} striped>
        <TableHead titles={["Setting", "Value", "From"]} />
        <Table.Tbody>
          {settings.map((setting) => (
            <SettingRow key={setting.name} setting={setting} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function SettingRow({ setting }: { readonly setting: Setting }) {
  const { name, value, source, after_restart: later } = setting;
  return (
    <Table.Tr>
      <Table.Td>{name}</Table.Td>
      <Table.Td className="breakable figure">
        {JSON.stringify(value)}
        {later !== undefined && (
          <Text size="xs" c="dimmed">
            {JSON.stringify(later)} after a restart
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <Badge variant="light" color={source === "default" ? "gray" : "blue"}>
          {source}
        </Badge>
      </Table.Td>
    </Table.Tr>
  );
}
