import { defineCommand } from "../define-command.ts";
import { switchFlag } from "../flags.ts";
import type { Keeper } from "../keeper.ts";
import { getState, watchState } from "../live-state.ts";
import type { QueenState } from "../live-state.ts";
import { printLines, printResult } from "../output/print.ts";
import { renderStatus } from "../output/render-status.ts";
import { probeQueen } from "../probe-queen.ts";
import { withQueen } from "../queen-session.ts";
import type { QueenSession } from "../queen-session.ts";
import { untilInterrupted } from "../until-interrupted.ts";

export const statusCommand = defineCommand({
  summary: "one screen: queen, nodes, memory, workers, running requests",
  details: "Looks only: it starts no queen.",
  examples: ["rbee-keeper status", "rbee-keeper status --watch"],
  arguments: {},
  flags: { watch: switchFlag("draw it again after each change, until Ctrl+C") },
  run: async ({ keeper, flags: { watch } }) => {
    const { queenUrl: url, settings } = keeper.configuration();
    const timeoutMs = settings.timeouts.connect * 1000;
    const probe = await probeQueen(url, { timeoutMs, signal: keeper.interrupts.signal });
    if (probe.state === "absent") {
      await printResult(keeper, { running: false, url }, () => [
        `queen-rbee is not running at ${url}. Start it: rbee-keeper queen start`,
      ]);
      return undefined;
    }
    if (watch)
      return await untilInterrupted(keeper, () =>
        withQueen(keeper, (queen) => watchAll(keeper, queen)),
      );
    const state = await withQueen(keeper, getState);
    await printResult(keeper, state, () => renderStatus(state, { url, now: new Date() }));
    return undefined;
  },
});

// The cursor to the top left, and clear what is below: no flicker, nothing left of the last screen.
const home = "\u001b[H\u001b[J";

async function watchAll(keeper: Keeper, queen: QueenSession): Promise<void> {
  const { terminal, globals } = keeper;
  const canRedraw = terminal.isOutputTerminal && !globals.plain;
  for await (const state of watchState(queen)) {
    if (globals.json) {
      await printLines(keeper, [JSON.stringify(state)]);
      continue;
    }
    const lines = screenOf(state, queen);
    if (canRedraw) await terminal.writeOutput(home);
    await printLines(keeper, canRedraw ? lines : [...lines, ""]);
  }
}

function screenOf(state: QueenState, { url }: QueenSession): readonly string[] {
  return renderStatus(state, { url, now: new Date() });
}
