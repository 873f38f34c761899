import { RbeeError } from "@rbee/contract";
import { defineCommand } from "../define-command.ts";
import { textFlag } from "../flags.ts";
import { printResult } from "../output/print.ts";
import { withQueen } from "../queen-session.ts";
import { UsageError } from "../usage-error.ts";

export const keysRevokeCommand = defineCommand({
  summary: "refuse an API key from now on",
  examples: ["rbee-keeper keys revoke --name laptop"],
  arguments: {},
  flags: { name: textFlag("name", "name or id of the key, as keys list shows it") },
  run: async ({ keeper, flags: { name: wanted } }) => {
    if (wanted === undefined) throw new UsageError("--name <name> is missing");
    const { answer, wasLast } = await withQueen(keeper, async (queen) => {
      const { keys } = await queen.call("listKeys");
      const found = keys.find(({ id, name }) => name === wanted || id === wanted);
      if (found === undefined) throw new RbeeError("KEY_NOT_FOUND", { key: wanted });
      await queen.call("revokeKey", { params: { id: found.id } });
      return { answer: found, wasLast: keys.length === 1 };
    });
    await printResult(keeper, { ...answer, revoked: true }, () => [
      `The key '${answer.name}' (${answer.fingerprint}) is refused from now on.`,
    ]);
    if (wasLast) {
      keeper.story.tell("It was the last; queen-rbee goes on asking for a key. On her machine:");
      keeper.story.tell("  rbee-keeper keys create --name <name>");
    }
    return undefined;
  },
});
