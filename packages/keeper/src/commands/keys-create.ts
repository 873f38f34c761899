import { isAbsolute } from "node:path";
import { KeyName } from "@rbee/contract";
import type { KeyCreated } from "@rbee/contract";
import { defineCommand } from "../define-command.ts";
import { textFlag } from "../flags.ts";
import type { Keeper } from "../keeper.ts";
import { printResult } from "../output/print.ts";
import { withQueen } from "../queen-session.ts";
import type { QueenSession } from "../queen-session.ts";
import { isLoopbackHost } from "../queen-url.ts";
import { UsageError } from "../usage-error.ts";

export const keysCreateCommand = defineCommand({
  summary: "make an API key for the queen; it is shown once",
  details:
    "The first key closes the queen to everybody without one; programs on this machine get a key " +
    "of their own, which rbee-keeper uses by itself.",
  examples: ["rbee-keeper keys create --name laptop"],
  arguments: {},
  flags: {
    name: textFlag("name", "who or what the key is for", { check: checkKeyName }),
  },
  run: async ({ keeper, flags: { name } }) => {
    if (name === undefined) throw new UsageError("--name <name> is missing");
    await withQueen(keeper, async (queen) => {
      const created = await queen.call("createKey", { body: { name } });
      // Before anything else: nobody will ever see it again.
      await printResult(keeper, created, () => [created.key]);
      tellNextSteps(keeper, created, await findListenHost(queen));
    });
    return undefined;
  },
});

function checkKeyName(text: string): string | undefined {
  if (KeyName.safeParse(text).success) return undefined;
  return "A key's name has letters, digits, and . _ @ - between them; at most 64 characters.";
}

async function findListenHost(queen: QueenSession): Promise<unknown> {
  const { settings } = await queen.call("settings");
  return settings.find(({ name }) => name === "queen.host")?.value;
}

function tellNextSteps(keeper: Keeper, created: KeyCreated, listensOn: unknown): void {
  const { story } = keeper;
  const { keyFile, file } = keeper.configuration();
  story.tell(`Key '${created.name}' (${created.fingerprint}). It is shown only now: keep it.`);
  if (created.is_first) {
    const own = keyFile === undefined ? "" : ` Here rbee-keeper uses ${keyFile}.`;
    story.tell(`From now on queen-rbee asks everybody for a key.${own}`);
  }
  if (typeof listensOn === "string" && isLoopbackHost(listensOn)) {
    const written = file !== null && isAbsolute(file) ? file : "the configuration";
    story.tell(`queen-rbee listens on ${listensOn} only. To let other machines in:`);
    story.tell("  rbee-keeper queen restart --host 0.0.0.0");
    story.tell(`For good: [queen] host = "0.0.0.0" in ${written}`);
  }
}
