import { ports } from "@rbee/contract";
import { defineCommand } from "../define-command.ts";
import { ensureQueen } from "../ensure-queen.ts";
import { integerFlag } from "../flags.ts";
import { printResult } from "../output/print.ts";
import { withPort } from "../queen-url.ts";

export const queenStartCommand = defineCommand({
  summary: "start the queen as a daemon, unless it runs",
  examples: ["rbee-keeper queen start", "rbee-keeper queen start --port 8090"],
  arguments: {},
  flags: {
    port: integerFlag("listen there instead of the configured port", {
      minimum: ports.listenMin,
      maximum: ports.listenMax,
    }),
  },
  run: async ({ keeper, flags: { port } }) => {
    const { queenUrl } = keeper.configuration();
    const url = port === undefined ? queenUrl : withPort(queenUrl, port);
    const { health, wasStarted } = await ensureQueen(keeper, { url, isEphemeral: false });
    const result = { url, started: wasStarted, pid: health.pid, version: health.version };
    await printResult(keeper, result, () => [
      wasStarted
        ? `queen-rbee v${health.version} runs at ${url} (process ${health.pid}).`
        : `queen-rbee v${health.version} ran already at ${url} (process ${health.pid}).`,
    ]);
    if (url !== queenUrl) keeper.story.tell(`Talk to it with: rbee-keeper --queen ${url} ...`);
    return undefined;
  },
});
