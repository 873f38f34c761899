import { defineCommand } from "../define-command.ts";
import { printResult } from "../output/print.ts";
import { renderSettings } from "../output/render-settings.ts";
import { withQueen } from "../queen-session.ts";

export const queenSettingsCommand = defineCommand({
  summary: "every setting that is in force at the queen, and where its value comes from",
  examples: ["rbee-keeper queen settings", "rbee-keeper queen settings --json"],
  arguments: {},
  flags: {},
  run: async ({ keeper }) => {
    const answer = await withQueen(keeper, (queen) => queen.call("settings"));
    await printResult(keeper, answer, () => renderSettings(answer));
    return undefined;
  },
});
