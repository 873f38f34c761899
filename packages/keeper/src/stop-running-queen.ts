import type { Keeper } from "./keeper.ts";
import { probeQueen } from "./probe-queen.ts";
import { openQueenClient } from "./queen-session.ts";
import { isLoopbackUrl } from "./queen-url.ts";
import { isProcessGone, stopQueen } from "./stop-queen.ts";
import { foreignProgramError, unreachableError } from "./unreachable-error.ts";

/**
 * Stops the queen at the URL with all that she started; answers when she is gone, and how. Throws
 * QUEEN_UNREACHABLE for anything there that is no queen, and for one that does not stop.
 */
export async function stopRunningQueen(
  keeper: Keeper,
  url: string,
): Promise<"absent" | "graceful" | "forced"> {
  const probe = await probeNow(keeper, url);
  if (probe.state === "absent") return "absent";
  if (probe.state === "foreign") throw foreignProgramError(url, probe.found);
  if (probe.state === "silent") throw unreachableError(url, probe.reason);
  const how = await stop(keeper, url, probe.health.pid);
  if (how === "alive") throw unreachableError(url, "it does not stop");
  return how;
}

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
    onStory: keeper.story.show,
    signal: keeper.interrupts.signal,
    pid: isLocal ? pid : undefined,
    isGone: isLocal
      ? () => isProcessGone(pid)
      : async () => (await probeNow(keeper, url)).state === "absent",
  });
}
