import { defineCommand } from "../define-command.ts";
import { ports } from "@rbee/contract";
import { integerFlag } from "../flags.ts";
import type { Keeper } from "../keeper.ts";
import { isLoopbackUrl, withPort } from "../queen-url.ts";
import { printResult } from "../output/print.ts";
import { probeQueen } from "../probe-queen.ts";
import { openQueenClient } from "../queen-session.ts";
import { isProcessGone, stopQueen } from "../stop-queen.ts";
import { foreignProgramError, unreachableError } from "../unreachable-error.ts";

export const queenStopCommand = defineCommand({
  summary: "stop the queen, the hives that it started, and their workers",
  examples: ["rbee-keeper queen stop", "rbee-keeper queen stop --port 8090"],
  arguments: {},
  flags: {
    port: integerFlag("the queen on this port instead of the configured one", {
      minimum: ports.listenMin,
      maximum: ports.listenMax,
    }),
  },
  run: async ({ keeper, flags: { port } }) => {
    const { queenUrl } = keeper.configuration();
    const url = port === undefined ? queenUrl : withPort(queenUrl, port);
    const probe = await probeNow(keeper, url);
    if (probe.state === "absent") {
      await printResult(keeper, { url, stopped: false, running: false }, () => [
        `No queen-rbee runs at ${url}.`,
      ]);
      return undefined;
    }
    if (probe.state === "foreign") throw foreignProgramError(url, probe.found);
    if (probe.state === "silent") throw unreachableError(url, probe.reason);
    const how = await stop(keeper, url, probe.health.pid);
    if (how === "alive") throw unreachableError(url, "it does not stop");
    await printResult(keeper, { url, stopped: true, running: false, how }, () => [
      how === "graceful" ? "queen-rbee has stopped." : "queen-rbee had to be stopped by force.",
    ]);
    return undefined;
  },
});

async function probeNow(keeper: Keeper, url: string) {
  const timeoutMs = keeper.configuration().settings.timeouts.connect * 1000;
  return await probeQueen(url, { timeoutMs, signal: keeper.interrupts.signal });
}

async function stop(keeper: Keeper, url: string, pid: number) {
  keeper.story.narrate({
    action: "queen-stop",
    human: "stopping queen-rbee, its hives and their workers",
    cute: "🌙 stopping queen-rbee, its hives and their workers",
  });
  const isLocal = isLoopbackUrl(url);
  return await stopQueen({
    client: openQueenClient(keeper, url),
    correlationId: keeper.correlationId,
    signal: keeper.interrupts.signal,
    pid: isLocal ? pid : undefined,
    isGone: isLocal
      ? () => isProcessGone(pid)
      : async () => (await probeNow(keeper, url)).state === "absent",
  });
}
