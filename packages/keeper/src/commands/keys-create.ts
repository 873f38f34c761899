import { isAbsolute } from "node:path";
import { KeyName, KeyScope, sizes, taskPriorities, TaskPriority } from "@rbee/contract";
import type { CreateKeyRequest, KeyCreated } from "@rbee/contract";
import { defineCommand } from "../define-command.ts";
import { formFlag, listFlag, textFlag, withDefault } from "../flags.ts";
import type { Keeper } from "../keeper.ts";
import { printResult } from "../output/print.ts";
import { renderKeyLimits } from "../output/render-keys.ts";
import { parseKeyEnd } from "../parse-key-end.ts";
import { parseRate } from "../parse-rate.ts";
import { withQueen } from "../queen-session.ts";
import type { QueenSession } from "../queen-session.ts";
import { isLoopbackHost } from "../queen-url.ts";
import { UsageError } from "../usage-error.ts";

export const keysCreateCommand = defineCommand({
  summary: "make an API key for the queen; it is shown once",
  details:
    "The first key closes the queen to everybody without one; programs on this machine get a key " +
    "of their own, which rbee-keeper uses by itself. A key of scope 'use' asks models and sees its " +
    "own requests; 'operate' does all that rbee-keeper does.",
  examples: [
    "rbee-keeper keys create --name laptop",
    "rbee-keeper keys create --name laptop --scope operate",
    "rbee-keeper keys create --name app --models hello-bee,hf:org/* --rate 60/min --expires 30d",
  ],
  arguments: {},
  flags: {
    name: textFlag("name", "who or what the key is for", { check: checkKeyName }),
    scope: withDefault(textFlag("scope", "what it may do", { choices: KeyScope.options }), "use"),
    models: listFlag(
      "references",
      "only these: references, aliases, hf:org/*; with commas, and repeatable (default: all)",
      { itemsMax: sizes.keyModelsMax, charactersMax: sizes.modelReferenceMax },
    ),
    rate: formFlag("n/unit", "requests at most: 10/s, 60/min, 1000/h, 5000/d (default: no limit)", {
      form: "A rate is like 10/s, 60/min, 1000/h or 5000/d.",
      read: parseRate,
    }),
    expires: formFlag("when", "refuse it after 30d, 12h, or 2026-12-31 (default: never)", {
      form: "An end is like 30d, 12h, 90min, 2026-12-31 or 2026-12-31T18:00.",
      read: parseKeyEnd,
    }),
    priority: withDefault(
      textFlag("priority", "the highest that its requests may have in the queue", {
        choices: taskPriorities,
      }),
      "normal",
    ),
  },
  run: async ({ keeper, flags }) => {
    const { name, scope, models, rate, expires, priority } = flags;
    if (name === undefined) throw new UsageError("--name <name> is missing");
    const references = models.flatMap((text) => text.split(",")).map((text) => text.trim());
    const body: CreateKeyRequest = {
      name,
      scope: KeyScope.parse(scope),
      priority: TaskPriority.parse(priority),
      ...(references.length === 0 ? {} : { models: references }),
      ...(rate === undefined ? {} : { rate }),
      ...expires,
    };
    await withQueen(keeper, async (queen) => {
      const created = await queen.call("createKey", { body });
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
  for (const line of renderKeyLimits(created)) story.tell(`  ${line}`);
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
