import { setTimeout as delay } from "node:timers/promises";
import { RbeeError } from "@rbee/contract";
import type { WorkerReadyCall } from "@rbee/contract";

interface CallHiveOptions {
  readonly url: string;
  readonly key: string | undefined;
  readonly body: WorkerReadyCall;
  /** Waits before each attempt; as many attempts as there are waits. */
  readonly delaysMs: readonly number[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Tells the hive that HTTP is up. A hive that does not answer is asked again; one that refuses is
 * not. Throws CONNECTION_TIMEOUT or INVALID_RESPONSE: without its hive a worker has no owner.
 */
export async function callHive(options: CallHiveOptions): Promise<void> {
  let failure: unknown;
  for (const delayMs of options.delaysMs) {
    if (delayMs > 0) await delay(delayMs, undefined, { signal: options.signal });
    try {
      return await attempt(options);
    } catch (error) {
      options.signal.throwIfAborted();
      if (RbeeError.is(error)) throw error;
      failure = error;
    }
  }
  throw refusal(`no answer in ${options.delaysMs.length} attempts`, failure);
}

async function attempt({ url, key, body, timeoutMs, signal }: CallHiveOptions): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify(body),
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  });
  await response.body?.cancel();
  if (response.ok) return;
  throw refusal(`status ${response.status}`);
}

function refusal(found: string, cause?: unknown): RbeeError {
  const expected = "an acknowledgement of the ready call";
  return new RbeeError("INVALID_RESPONSE", { from: "rbee-hive", expected, found }, { cause });
}
