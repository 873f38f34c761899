import { patterns, sizes } from "@rbee/contract";
import type { LogEvent, LogLine } from "@rbee/contract";
import type { z } from "zod";
import { defineCommand } from "../define-command.ts";
import { integerFlag, switchFlag, textFlag, withDefault } from "../flags.ts";
import { nodeFlag } from "../generation-flags.ts";
import type { GlobalValues } from "../global-flags.ts";
import type { Keeper } from "../keeper.ts";
import { renderLogLine } from "../output/render-log-line.ts";
import { safeText } from "../output/safe-text.ts";
import { withQueen } from "../queen-session.ts";
import { errorFromEvent } from "../remote-error.ts";
import { untilInterrupted } from "../until-interrupted.ts";

export const logsCommand = defineCommand({
  summary: "the logs of the queen, a node's hive, or a worker",
  details:
    "Without --node and --worker: the queen's own log. A terminal shows readable lines " +
    "(whole ones with --verbose), a pipe gets the lines of the log.",
  examples: [
    "rbee-keeper logs --node localhost --lines 20",
    "rbee-keeper logs --worker <worker id> --follow",
  ],
  arguments: {},
  flags: {
    node: nodeFlag("the node"),
    worker: textFlag("id", "one worker", {
      check: (text) =>
        patterns.workerId.test(text) ? undefined : "A worker id has letters, digits and hyphens.",
    }),
    follow: switchFlag("go on until Ctrl+C"),
    lines: withDefault(
      integerFlag("how many of the last lines", { minimum: 0, maximum: 100_000 }),
      sizes.logLinesDefault,
    ),
  },
  run: async ({ keeper, flags }) => {
    const { node, worker, lines, follow } = flags;
    const query = { node, worker, lines, follow: follow ? "true" : "false" } as const;
    return await untilInterrupted(keeper, () =>
      withQueen(keeper, async (queen) => {
        for await (const event of await queen.stream("logs", { query })) {
          await printEvent(keeper, event);
        }
      }),
    );
  },
});

async function printEvent({ terminal, globals }: Keeper, event: LogEvent): Promise<void> {
  if (event.type === "error") throw errorFromEvent(event.error);
  if (event.type === "done") return;
  await terminal.writeOutput(`${renderEvent(event, terminal.isOutputTerminal, globals)}\n`);
}

// A person in a terminal gets words; a pipe gets the lines as they are in the log.
function renderEvent(
  event: z.infer<typeof LogLine>,
  isForPerson: boolean,
  { json, verbose }: GlobalValues,
): string {
  if (json) return JSON.stringify(event);
  if (!isForPerson) return event.line;
  return verbose ? safeText(event.line) : renderLogLine(event.line);
}
