import { RbeeError, timings } from "@rbee/contract";
import type { HiveReady } from "@rbee/contract";
import { TransportError } from "@rbee/sdk";
import type { NodeAccess, Story } from "../ports.ts";
import { openHiveClient } from "./hive-client.ts";
import { delay } from "./look-for-hive.ts";
import type { NodeWay } from "./node-way.ts";

export interface Reaching {
  readonly ready: HiveReady;
  readonly story: Story;
  readonly signal: AbortSignal;
}

/**
 * It listens, as it said over SSH; now it has to be reached over HTTP.
 *
 * 1. Straight, unless it listens on its own loopback alone.
 * 2. A port that is closed from here is gone around: through SSH, from now on.
 * 3. Through SSH it may take a moment.
 */
export async function reachHive(
  node: NodeAccess,
  way: NodeWay,
  { ready, story, signal }: Reaching,
): Promise<void> {
  const startedAt = performance.now();
  const isPrivate = isLoopbackOfNode(ready.host) && ready.host !== node.hive.host;
  // 1.
  if (!way.isForwarded() && !isPrivate && (await isAnswering(node, signal))) return;
  // 2.
  if (!way.isForwarded()) {
    const human = `Port ${node.hive.port} of ${node.name} is closed from here; going through SSH`;
    const line = { action: "forward", target: node.name, human, cute: `🚇 ${human}` };
    story({ type: "tell", line });
    way.goThroughSsh();
  }
  // 3.
  for (let waitMs = timings.remoteHiveStartPollMs; ; waitMs *= 2) {
    if (await isAnswering(node, signal)) return;
    const waitedMs = performance.now() - startedAt;
    if (waitedMs + waitMs > timings.remoteHiveStartTimeoutMs) throw unreached(node, waitedMs);
    await delay(waitMs, signal);
  }
}

function isLoopbackOfNode(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

async function isAnswering(node: NodeAccess, signal: AbortSignal): Promise<boolean> {
  try {
    await openHiveClient(node).call("health", { timeoutMs: timings.directTryMs, signal });
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TransportError) return false;
    throw error;
  }
}

function unreached(node: NodeAccess, waitedMs: number): RbeeError {
  return new RbeeError("HIVE_START_FAILED", {
    node: node.name,
    waited_ms: Math.round(waitedMs),
    exit_code: null,
    signal: null,
    last_lines: [
      `It runs, but port ${node.hive.port} there answers nobody, not through SSH either.`,
    ],
  });
}

/** What HTTP says of a hive that was told to stop; undefined when it says nothing. */
export async function askAlive(
  node: NodeAccess,
  pid: number,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  try {
    const limits = { timeoutMs: timings.directTryMs, signal };
    return (await openHiveClient(node).call("health", limits)).pid === pid;
  } catch (error) {
    signal.throwIfAborted();
    return error instanceof TransportError && error.failure === "refused" ? false : undefined;
  }
}
