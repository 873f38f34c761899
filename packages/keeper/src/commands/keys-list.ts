import { defineCommand } from "../define-command.ts";
import { formatLocalTime } from "../output/figures.ts";
import { printResult } from "../output/print.ts";
import { renderTable } from "../output/render-table.ts";
import { withQueen } from "../queen-session.ts";

export const keysListCommand = defineCommand({
  summary: "the API keys of the queen: name, fingerprint, when they were used",
  examples: ["rbee-keeper keys list", "rbee-keeper keys list --json"],
  arguments: {},
  flags: {},
  run: async ({ keeper }) => {
    const answer = await withQueen(keeper, (queen) => queen.call("listKeys"));
    const timeOf = (unix: number | null) =>
      formatLocalTime(unix === null ? null : new Date(unix * 1000));
    await printResult(keeper, answer, () =>
      answer.keys.length === 0
        ? ["No API keys. Make one: rbee-keeper keys create --name <name>"]
        : renderTable(
            [
              { heading: "NAME", cell: ({ name }) => name },
              { heading: "FINGERPRINT", cell: ({ fingerprint }) => fingerprint },
              { heading: "CREATED", cell: (key) => timeOf(key.created_unix) },
              { heading: "LAST USED", cell: (key) => timeOf(key.last_used_unix) },
              { heading: "ID", cell: ({ id }) => id },
            ],
            answer.keys,
          ),
    );
    return undefined;
  },
});
