import type { SettingsAnswer } from "@rbee/contract";
import type { z } from "zod";
import { renderTable } from "./render-table.ts";
import { safeText } from "./safe-text.ts";

type Answer = z.infer<typeof SettingsAnswer>;

/** The file that the queen reads, then a line for each setting. */
export function renderSettings({ config_file: file, settings }: Answer): readonly string[] {
  return [
    file === null ? "No configuration file is in use." : `Configuration: ${safeText(file)}`,
    "",
    ...renderTable(
      [
        { heading: "SETTING", cell: ({ name }) => name },
        { heading: "VALUE", cell: describeValue },
        { heading: "FROM", cell: ({ source }) => source },
      ],
      settings,
    ),
  ];
}

function describeValue({ value, after_restart: later }: Answer["settings"][number]): string {
  const text = JSON.stringify(value);
  return later === undefined ? text : `${text} (${JSON.stringify(later)} after a restart)`;
}
