import { Badge, Text } from "@mantine/core";
import type { SettingsAnswer } from "@rbee/contract";
import type { z } from "zod";
import { RowTable } from "../../parts/row-table.tsx";
import type { Column } from "../../parts/row-table.tsx";

type Setting = z.infer<typeof SettingsAnswer>["settings"][number];

/** All of them at once: they are looked through with the eyes. */
export function SettingTable({ settings }: { readonly settings: readonly Setting[] }) {
  return (
    <RowTable
      label="Settings"
      rows={settings}
      columns={columns}
      keyOf={({ name }) => name}
      rowsOnPage={settings.length}
    />
  );
}

const columns: readonly Column<Setting>[] = [
  { title: "Setting", cell: ({ name }) => name },
  { title: "Value", cell: (setting) => <SettingValue setting={setting} /> },
  {
    title: "From",
    cell: ({ source }) => (
      <Badge variant="light" color={source === "default" ? "gray" : "blue"}>
        {source}
      </Badge>
    ),
  },
];

function SettingValue({ setting }: { readonly setting: Setting }) {
  const { value, after_restart: later } = setting;
  return (
    <div className="figure">
      {JSON.stringify(value)}
      {later !== undefined && (
        <Text size="xs" c="dimmed">
          {JSON.stringify(later)} after a restart
        </Text>
      )}
    </div>
  );
}
