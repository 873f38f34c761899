import { RbeeError, timings } from "@rbee/contract";
import type { HiveHealth } from "@rbee/contract";
import { TransportError } from "@rbee/sdk";
import type { NodeAccess, Story } from "../ports.ts";
import { openHiveClient } from "./hive-client.ts";

export interface LookOptions {
  readonly node: NodeAccess;
  readonly story: Story;
  readonly connectTimeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Asks a hive who it is. Undefined when the connection is refused: nothing runs there. Silence is
 * asked again, each attempt narrated, and becomes CONNECTION_TIMEOUT; anything else that answers is
 * PORT_IN_USE on this machine and INVALID_RESPONSE elsewhere.
 */
export async function lookForHive(options: LookOptions): Promise<HiveHealth | undefined> {
  const { node, story, connectTimeoutMs, signal } = options;
  await node.resolve();
  let last: TransportError | undefined;
  for (const [index, delayMs] of timings.connectDelaysMs.entries()) {
    if (delayMs > 0) await delay(delayMs, signal);
    const attempt = announceAttempt(options, index + 1, delayMs);
    try {
      return await openHiveClient(node).call("health", { timeoutMs: connectTimeoutMs, signal });
    } catch (error) {
      signal.throwIfAborted();
      if (RbeeError.is(error, "INVALID_RESPONSE")) throw foreign(node, error);
      if (!(error instanceof TransportError)) throw error;
      if (error.failure === "refused") return undefined;
      if (error.failure === "not-rbee") throw foreign(node, error);
      attempt.tell();
      last = error;
    } finally {
      attempt.settle();
    }
  }
  // Whoever takes the connection and breaks it every time does not speak HTTP.
  if (last?.failure === "reset") throw foreign(node, last);
  const attempts = timings.connectDelaysMs.length;
  const { host, port } = node.hive;
  const line = `rbee-hive on ${node.name} did not answer after ${attempts} attempts`;
  story({ type: "tell", line: { action: "connect-failed", human: line, level: "error" } });
  const details = { node: node.name, host, port, attempts, timeout_ms: connectTimeoutMs };
  throw new RbeeError("CONNECTION_TIMEOUT", details, { cause: last });
}

// A hive that answers at once, or is simply not there yet, needs no story of attempts.
function announceAttempt(options: LookOptions, attempt: number, delayMs: number) {
  let isTold = false;
  const tell = () => {
    if (isTold) return;
    isTold = true;
    tellAttempt(options, attempt, delayMs);
  };
  if (attempt > 1) tell();
  const timer = setTimeout(tell, timings.quietAttemptMs);
  return { tell, settle: () => clearTimeout(timer) };
}

function tellAttempt(options: LookOptions, attempt: number, delayMs: number): void {
  const { node, story, connectTimeoutMs } = options;
  const address = `${node.hive.host}:${node.hive.port}`;
  const figures = `timeout ${connectTimeoutMs / 1000}s, delay ${delayMs}ms`;
  const human = `Attempt ${attempt}: connecting to ${address} (${figures})`;
  story({
    type: "tell",
    line: {
      action: "connect",
      target: node.name,
      human,
      cute: `🔌 ${human}`,
      attempt,
      attempts_max: timings.connectDelaysMs.length,
      delay_ms: delayMs,
      timeout_ms: connectTimeoutMs,
    },
  });
}

function foreign(node: NodeAccess, cause: unknown): RbeeError {
  const { host, port } = node.hive;
  if (node.isLocal) {
    return new RbeeError("PORT_IN_USE", { program: "rbee-hive", host, port }, { cause });
  }
  const details = {
    from: `The program at ${host}:${port}`,
    expected: "rbee-hive",
    found: "something else answers there",
  };
  return new RbeeError("INVALID_RESPONSE", details, { cause });
}

/** Waits; throws the reason of the signal when that comes first. */
export function delay(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}
