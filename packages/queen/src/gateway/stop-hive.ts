import { timings } from "@rbee/contract";
import type { HiveStop, NodeAccess, Story } from "../ports.ts";
import { openHiveClient } from "./hive-client.ts";
import { delay } from "./look-for-hive.ts";

export interface StopOptions {
  readonly node: NodeAccess;
  readonly pid: number;
  readonly story: Story;
  /** Aborts when nobody wants to wait any longer: straight to the last resort. */
  readonly impatience: AbortSignal;
}

// From the request on: SIGTERM when it has not gone by then, SIGKILL at the hive's own limit.
const termAfterMs = timings.shutdownAcknowledgeMs + 10_000;
const pollMs = timings.localHiveStartPollMs;
// How long somebody who is impatient still waits for one answer from another machine.
const lastWordMs = timings.shutdownAcknowledgeMs;

/**
 * Stops one hive: asks it, then SIGTERM, then SIGKILL to the process that it said it is. Its
 * workers go with it however it ends, because they hold a pipe from it.
 */
export async function stopHive(options: StopOptions): Promise<HiveStop> {
  const { node, pid, story, impatience } = options;
  const startedAt = performance.now();
  const look = () => AbortSignal.timeout(lastWordMs);
  const isGone = async () => !(await node.isHiveAlive(pid, look()));
  const goneBy = async (limitMs: number) => {
    while (!(await isGone())) {
      if (impatience.aborted || performance.now() - startedAt >= limitMs) return false;
      await delay(pollMs, impatience).catch(() => {});
    }
    return true;
  };
  const isAsked = await askToStop(node, impatience);
  if (!isAsked) await node.signalHive(pid, "SIGTERM", look());
  if (await goneBy(termAfterMs)) return "graceful";
  if (isAsked) await node.signalHive(pid, "SIGTERM", look());
  if (await goneBy(timings.hiveShutdownMs)) return "graceful";
  const human = `rbee-hive on ${node.name} did not stop; ending it by force`;
  story({ type: "tell", line: { action: "hive-kill", human, level: "warn", pid } });
  await node.signalHive(pid, "SIGKILL", look());
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
