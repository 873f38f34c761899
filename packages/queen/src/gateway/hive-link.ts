import { HiveEvent, RbeeError, timings } from "@rbee/contract";
import type { HiveHealth, HiveWorker } from "@rbee/contract";
import type { Logger } from "@rbee/daemon";
import { TransportError } from "@rbee/sdk";
import type { ViewWorker, WorkerView } from "../domain/worker-view.ts";
import type { NodeAccess, WorkerEnd } from "../ports.ts";
import { openHiveClient } from "./hive-client.ts";
import { translateHiveFailure } from "./hive-failure.ts";
import { delay } from "./look-for-hive.ts";

export interface LinkOptions {
  readonly node: NodeAccess;
  readonly view: WorkerView;
  readonly instanceId: string;
  readonly connectTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly logger: Logger;
  /** Throws when this queen must not listen to that hive. */
  readonly judge: (health: HiveHealth) => void;
  readonly onChange: () => void;
  readonly onWorkerEnd: (worker: { node: string; id: string }, end: WorkerEnd) => void;
}

/** What the queen hears of one hive: a stream of events that is opened again whenever it ends. */
export interface HiveLink {
  /** Settles when the hive is heard, or throws why it is not. Tries at once. */
  readonly connect: () => Promise<HiveHealth>;
  /** Who is heard now. */
  readonly health: () => HiveHealth | undefined;
  /** Who was there when last asked, unless the port has refused a connection since. */
  readonly lastHealth: () => HiveHealth | undefined;
  /** Aborts with the failure when the hive that is heard now, or is heard next, is lost. */
  readonly lossSignal: () => AbortSignal;
  readonly close: () => void;
}

interface Attempt {
  readonly settled: Promise<HiveHealth>;
  readonly succeed: (health: HiveHealth) => void;
  readonly fail: (error: unknown) => void;
}

export function openHiveLink(options: LinkOptions): HiveLink {
  const closing = new AbortController();
  let heard: HiveHealth | undefined;
  let last: HiveHealth | undefined;
  let attempt = newAttempt();
  let isTrying = false;
  let isWanted = false;
  let nap = new AbortController();
  const loss = createLoss();

  const tryOnce = async () => {
    isTrying = true;
    isWanted = false;
    try {
      await listen(options, closing.signal, (health) => {
        heard = health;
        last = health;
        isTrying = false;
        attempt.succeed(health);
      });
    } catch (error) {
      const translated = tellLost(options, error);
      if (heard !== undefined) loss.tellUnless(isStillThere(options, heard), translated);
      heard = undefined;
      isTrying = false;
      if (isRefusal(error)) last = undefined;
      // Replaced before anybody hears of the failure, so that whoever asks again asks the next one.
      const failed = attempt;
      attempt = newAttempt();
      failed.fail(translated);
    }
  };
  const run = async () => {
    let delayMs = 0;
    while (!closing.signal.aborted) {
      const startedAt = performance.now();
      await tryOnce();
      options.onChange();
      // A stream that lasted is opened again at once, anything else after a growing delay.
      delayMs = hasLasted(startedAt) ? 0 : nextDelay(delayMs);
      nap = new AbortController();
      if (delayMs === 0 || isWanted) continue;
      await delay(delayMs, AbortSignal.any([nap.signal, closing.signal])).catch(() => {});
    }
  };
  void run();
  const askNext = () => {
    isWanted = true;
    nap.abort();
    return attempt.settled;
  };
  return {
    async connect() {
      if (heard !== undefined) return heard;
      const isUnderWay = isTrying;
      // What is under way may have begun before the hive did: its failure is not the last word.
      return await (isUnderWay ? askNext().catch(askNext) : askNext());
    },
    health: () => heard,
    lastHealth: () => last,
    lossSignal: loss.signal,
    close: () => closing.abort(),
  };
}

function createLoss() {
  let current = new AbortController();
  return {
    signal: () => current.signal,
    tellUnless(isFalseAlarm: Promise<boolean>, reason: unknown): void {
      const lost = current;
      current = new AbortController();
      void isFalseAlarm.then((isFalse) => {
        if (!isFalse) lost.abort(reason);
      });
    },
  };
}

// A stream may break while the hive lives, after a moment without network for example: what others
// ask of that hive goes on.
async function isStillThere(
  { node, connectTimeoutMs }: LinkOptions,
  { instance_id: lost }: HiveHealth,
): Promise<boolean> {
  const timeoutMs = Math.min(connectTimeoutMs, timings.hiveLossCheckMs);
  const found = await openHiveClient(node)
    .call("health", { timeoutMs })
    .catch(() => undefined);
  return found?.instance_id === lost;
}

function isRefusal(error: unknown): boolean {
  return error instanceof TransportError && error.failure === "refused";
}

function newAttempt(): Attempt {
  const { promise, resolve, reject } = Promise.withResolvers<HiveHealth>();
  promise.catch(() => {});
  return { settled: promise, succeed: resolve, fail: reject };
}

function hasLasted(startedAt: number): boolean {
  return performance.now() - startedAt > timings.hiveLinkDelayMaxMs;
}

function nextDelay(delayMs: number): number {
  if (delayMs === 0) return timings.hiveLinkDelayFirstMs;
  return Math.min(delayMs * 2, timings.hiveLinkDelayMaxMs);
}

function tellLost({ node, view, logger }: LinkOptions, error: unknown): unknown {
  const translated = translateHiveFailure(error, node);
  const reason = RbeeError.is(translated, "NODE_UNREACHABLE")
    ? translated.details.reason
    : (translated as Error).message;
  if (view.findNode(node.name)?.status === "reachable") {
    logger.warn({ node: node.name, reason }, "the hive is not heard any more");
  }
  view.lost(node.name, reason, isRefusal(error));
  node.noteLost(reason, isRefusal(error));
  return translated;
}

// Returns never but by throwing: a stream of events has no end of its own.
async function listen(
  options: LinkOptions,
  signal: AbortSignal,
  onHeard: (health: HiveHealth) => void,
): Promise<void> {
  const { node, instanceId, connectTimeoutMs, heartbeatMs } = options;
  const client = openHiveClient(node);
  const health = await client.call("health", { signal, timeoutMs: connectTimeoutMs });
  options.judge(health);
  const events = await client.stream("events", {
    query: { queen: instanceId },
    signal,
    timeoutMs: connectTimeoutMs,
    silenceMs: heartbeatMs * timings.heartbeatsMissedMax,
  });
  for await (const event of events) {
    const parsed = HiveEvent.safeParse(event);
    if (!parsed.success) {
      options.logger.warn({ node: node.name }, "the hive sent an event that cannot be read");
      continue;
    }
    applyEvent(options, parsed.data);
    if (parsed.data.type === "snapshot") onHeard(health);
  }
  throw new RbeeError("SSE_CLOSED", { node: node.name, tokens_generated: 0, max_tokens: null });
}

function applyEvent(options: LinkOptions, event: HiveEvent): void {
  const { node, view, logger } = options;
  const now = new Date().toISOString();
  switch (event.type) {
    case "snapshot": {
      const workers = event.workers.map((worker) => workerFromWire(node.name, worker));
      const { version, devices, models } = event;
      view.snapshot(node.name, { version, devices, workers, models }, now);
      node.noteHeard(event.devices);
      break;
    }
    case "models":
      view.modelsChanged(node.name, event.models);
      break;
    case "stopping":
      view.setDraining(node.name, true);
      break;
    case "worker":
      view.workerChanged(workerFromWire(node.name, event.worker));
      break;
    case "worker-gone": {
      const worker = { node: node.name, id: event.worker_id };
      view.workerGone(worker);
      const { reason, exit_code: exitCode, signal } = event;
      options.onWorkerEnd(worker, { reason, exitCode, signal });
      break;
    }
    case "heartbeat":
      view.heard(node.name, now);
      if (!node.isLocal) renewLease(options);
      return;
    case "narration":
      logger[event.level]({ node: node.name, action: event.action }, event.human);
      return;
  }
  options.onChange();
}

// A hive elsewhere cannot see that its stream has lost its reader. One renewal may fail; when all
// do, the heartbeats are missed, too.
function renewLease({ node, instanceId, heartbeatMs }: LinkOptions): void {
  const request = { body: { queen: instanceId }, timeoutMs: heartbeatMs };
  void openHiveClient(node)
    .call("renewLease", request)
    .catch(() => {});
}

export function workerFromWire(node: string, worker: HiveWorker): ViewWorker {
  const nowMs = performance.now();
  return {
    id: worker.id,
    node,
    url: worker.url,
    state: worker.state,
    model: worker.model_ref,
    backend: worker.backend,
    device: worker.device,
    slotsTotal: worker.slots_total,
    slotsAvailable: worker.slots_available,
    context: worker.context,
    memoryBytes: worker.memory_bytes,
    capabilities: worker.capabilities,
    requiredBytes: worker.required_bytes,
    lastActivity: worker.last_activity,
    restarts: worker.restart_count,
    pid: worker.pid,
    readySinceMs: worker.ready_for_ms === null ? null : nowMs - worker.ready_for_ms,
    quietSinceMs: nowMs - worker.quiet_for_ms,
  };
}
