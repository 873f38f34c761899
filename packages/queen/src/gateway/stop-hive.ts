import { timings } from "@rbee/contract";
import type { HiveHealth } from "@rbee/contract";
import type { HiveStop, NodeAccess, Story } from "../ports.ts";
import { openHiveClient } from "./hive-client.ts";
import { delay } from "./look-for-hive.ts";

export interface StopOptions {
  readonly node: NodeAccess;
  readonly health: HiveHealth;
  readonly story: Story;
  /** Aborts when nobody wants to wait any longer: straight to the last resort. */
  readonly impatience: AbortSignal;
}

// From the request on: SIGTERM when it has not gone by then, SIGKILL at the hive's own limit.
const termAfterMs = timings.shutdownAcknowledgeMs + 10_000;
const pollMs = timings.localHiveStartPollMs;

/**
 * Stops one hive: asks it, then SIGTERM, then SIGKILL to the process that it said it is. Its
 * workers go with it however it ends, because they hold a pipe from it.
 */
export async function stopHive(options: StopOptions): Promise<HiveStop> {
  const { node, health, story, impatience } = options;
  const startedAt = performance.now();
  const isGone = async () => !(await node.isHiveAlive(health.pid));
  const goneBy = async (limitMs: number) => {
    while (!(await isGone())) {
      if (impatience.aborted || performance.now() - startedAt >= limitMs) return false;
      await delay(pollMs, impatience).catch(() => {});
    }
    return true;
  };
  const isAsked = await askToStop(node, impatience);
  if (!isAsked) await node.signalHive(health.pid, "SIGTERM");
  if (await goneBy(termAfterMs)) return "graceful";
  if (isAsked) await node.signalHive(health.pid, "SIGTERM");
  if (await goneBy(timings.hiveShutdownMs)) return "graceful";
  const human = `rbee-hive on ${node.name} did not stop; ending it by force`;
  story({ type: "tell", line: { action: "hive-kill", human, level: "warn", pid: health.pid } });
  await node.signalHive(health.pid, "SIGKILL");
  // Nothing withstands this but a process that the kernel itself holds; that one is not waited for.
  const limit = AbortSignal.timeout(timings.shutdownAcknowledgeMs);
  while (!limit.aborted && !(await isGone())) await delay(pollMs, limit).catch(() => {});
  return "forced";
}

async function askToStop(node: NodeAccess, signal: AbortSignal): Promise<boolean> {
  try {
    const timeoutMs = timings.shutdownAcknowledgeMs;
    await openHiveClient(node).call("shutdown", { timeoutMs, signal });
    return true;
  } catch {
    // Refused, silent or already half gone: the signals that follow do not depend on why.
    return false;
  }
}
