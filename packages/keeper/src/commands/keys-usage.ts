import { RbeeError, sizes } from "@rbee/contract";
import { defineCommand } from "../define-command.ts";
import { integerFlag, textFlag, withDefault } from "../flags.ts";
import { printResult } from "../output/print.ts";
import { renderKeyUsage } from "../output/render-keys.ts";
import { withQueen } from "../queen-session.ts";

export const keysUsageCommand = defineCommand({
  summary: "what each API key asked for, by day",
  details:
    "Requests that are over, and the tokens of their prompts and answers. Programs on the queen's " +
    "own machine are 'this machine'; a key that was revoked keeps its days.",
  examples: ["rbee-keeper keys usage", "rbee-keeper keys usage --name laptop --days 7 --json"],
  arguments: {},
  flags: {
    name: textFlag("name", "name or id of a key, as keys list shows it (default: all)"),
    days: withDefault(
      integerFlag("days, today among them", { minimum: 1, maximum: sizes.usageDaysKept }),
      30,
    ),
  },
  run: async ({ keeper, flags: { name: wanted, days } }) => {
    const shown = await withQueen(keeper, async (queen) => {
      const { usage } = await queen.call("keyUsage", { query: { days } });
      if (wanted === undefined) return usage;
      const isWanted = isCalled(wanted);
      const found = usage.filter(isWanted);
      if (found.length > 0) return found;
      const { keys } = await queen.call("listKeys");
      if (keys.some(isWanted)) return [];
      throw new RbeeError("KEY_NOT_FOUND", { key: wanted });
    });
    await printResult(keeper, { usage: shown }, () =>
      shown.length === 0 ? [`Nothing was asked for in ${days} days.`] : renderKeyUsage(shown),
    );
    return undefined;
  },
});

function isCalled(wanted: string) {
  return ({ id, name }: { readonly id: string; readonly name: string }) =>
    id === wanted || name === wanted;
}
