import { defineCommand } from "../define-command.ts";
import { printResult } from "../output/print.ts";
import { renderKeys } from "../output/render-keys.ts";
import { withQueen } from "../queen-session.ts";

export const keysListCommand = defineCommand({
  summary: "the API keys of the queen: what each may, when it was used, and how much",
  examples: ["rbee-keeper keys list", "rbee-keeper keys list --json"],
  arguments: {},
  flags: {},
  run: async ({ keeper }) => {
    const answer = await withQueen(keeper, (queen) => queen.call("listKeys"));
    await printResult(keeper, answer, () =>
      answer.keys.length === 0
        ? ["No API keys. Make one: rbee-keeper keys create --name <name>"]
        : renderKeys(answer.keys, new Date()),
    );
    return undefined;
  },
});
