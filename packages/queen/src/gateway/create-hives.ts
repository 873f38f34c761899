import { RbeeError, timings } from "@rbee/contract";
import type { HiveHealth } from "@rbee/contract";
import { placementKey } from "../domain/place-task.ts";
import type { ViewWorker } from "../domain/worker-view.ts";
import type { Errand, Hives, Hop, NodeAccess, SpawnRequest, Story } from "../ports.ts";
import { openHiveClient, openTranslatedClient } from "./hive-client.ts";
import { translateHiveFailure } from "./hive-failure.ts";
import { createHiveLinks } from "./hive-links.ts";
import type { HiveLinks, HiveLinksOptions } from "./hive-links.ts";
import { createJoinedRuns, unlessAborted } from "./join-runs.ts";
import { requireUsable } from "./judge-health.ts";
import { lookForHive } from "./look-for-hive.ts";
import { spawnWorker } from "./spawn-worker.ts";
import { stopHive } from "./stop-hive.ts";

export interface HivesOptions extends Omit<HiveLinksOptions, "judge"> {
  readonly version: string;
  readonly workerStartTimeoutMs: number;
}

export interface OpenHives extends Hives {
  /** Looks at every node and keeps listening to the hives that run there. */
  readonly open: () => void;
  readonly close: () => void;
}

/** Everything the queen does with hives; one link, one start and one spawn of a kind at a time. */
export function createHives(options: HivesOptions): OpenHives {
  const { instanceId, connectTimeoutMs } = options;
  const judge = (node: NodeAccess, health: HiveHealth) => requireUsable(options, node, health);
  const links = createHiveLinks({ ...options, judge });
  // Hives that were there a moment ago and are perhaps not heard yet.
  const seen = new Map<string, HiveHealth>();
  const starts = createJoinedRuns<HiveHealth>();
  const spawns = createJoinedRuns<ViewWorker>();
  const stayPatient = new AbortController().signal;
  const join = async (node: NodeAccess, errand: Errand, why: Ensuring["why"]) =>
    await starts.join(startKey(node, why), errand, async (story) => {
      // Also one that cannot be used: whoever started it stops it.
      const note = (health: HiveHealth) => void seen.set(node.name, health);
      return await ensureHive(options, { links, node, story, why, note });
    });
  return {
    open: () => options.nodes.list().forEach(links.to),
    close: links.close,
    ensure: (node, errand) => join(node, errand, "for a task"),
    start: (node, errand) => join(node, errand, "for itself"),
    async refresh(node) {
      // Who could not be reached elsewhere a moment ago is not waited for again.
      const isGone = !node.isLocal && options.view.findNode(node.name)?.status === "unreachable";
      const limitMs = isGone ? timings.quietAttemptMs : timings.shutdownAcknowledgeMs;
      const limit = AbortSignal.timeout(limitMs);
      await unlessAborted(links.to(node).connect(), limit).catch(nothing);
    },
    findHealth: async (node) =>
      links.to(node).health() ?? (await findHealth(node, connectTimeoutMs)),
    // Nobody waits for the answer of a hive that is not heard any more.
    client: (node, hop) => openTranslatedClient(node, untilLost(links, node, hop)),
    spawn(node, request, errand) {
      const key = JSON.stringify([node.name, placementKey(request), request.slots ?? null]);
      return spawns.join(key, errand, (story) =>
        spawn(options, { links, node, request, errand: { ...errand, story } }),
      );
    },
    workerAddress: links.addresses.get,
    forgetAddress: links.addresses.forget,
    findWorkerEnd: links.findWorkerEnd,
    isOwned: (node) => isOwned({ links, starts, seen, instanceId }, node),
    async stop(node, story, impatience = stayPatient) {
      const last = links.to(node).lastHealth();
      const found = last ?? (await lookOrFindProcess({ options, node, story, impatience }));
      seen.delete(node.name);
      if (found === undefined) return "not-running";
      options.view.setDraining(node.name, true);
      try {
        return await stopHive({ node, pid: found.pid, story, impatience });
      } finally {
        options.view.setDraining(node.name, false);
      }
    },
    forget(name) {
      seen.delete(name);
      links.forget(name);
    },
  };
}

interface Ownership {
  readonly links: HiveLinks;
  readonly starts: ReturnType<typeof createJoinedRuns<HiveHealth>>;
  readonly seen: ReadonlyMap<string, HiveHealth>;
  readonly instanceId: string;
}

/**
 * Whether there is a hive to stop when this queen goes. One that is being started is waited for. A
 * machine that is out of reach is not asked again: what was heard of it last decides.
 */
async function isOwned(ownership: Ownership, node: NodeAccess): Promise<boolean> {
  const { links, starts, seen, instanceId } = ownership;
  const limit = AbortSignal.timeout(timings.shutdownAcknowledgeMs);
  const running = reasons.map((why) => starts.settle(startKey(node, why)));
  await unlessAborted(Promise.all(running), limit).catch(nothing);
  const link = links.to(node);
  const last = link.lastHealth() ?? seen.get(node.name);
  if (!node.isLocal) return last?.started_by === instanceId;
  const health = last ?? (await findHealth(node, timings.shutdownAcknowledgeMs));
  return health?.started_by === instanceId && (await node.isHiveAlive(health.pid, limit));
}

interface Looking {
  readonly options: HivesOptions;
  readonly node: NodeAccess;
  readonly story: Story;
  readonly impatience: AbortSignal;
}

// A hive that answers nobody still has its process, which it wrote down itself.
async function lookOrFindProcess(looking: Looking): Promise<{ readonly pid: number } | undefined> {
  const { options, node, story, impatience: signal } = looking;
  const { connectTimeoutMs } = options;
  try {
    return await lookForHive({ node, story, signal, connectTimeoutMs });
  } catch (error) {
    signal.throwIfAborted();
    if (!RbeeError.is(error, "CONNECTION_TIMEOUT")) throw error;
    const pid = await node.findHivePid(signal);
    if (pid === undefined) throw error;
    return { pid };
  }
}

function untilLost(links: HiveLinks, node: NodeAccess, hop: Hop): Hop {
  return { ...hop, signal: AbortSignal.any([hop.signal, links.to(node).lossSignal()]) };
}

async function findHealth(node: NodeAccess, timeoutMs: number): Promise<HiveHealth | undefined> {
  return await openHiveClient(node).call("health", { timeoutMs }).catch(nothing);
}

function nothing(): undefined {
  return undefined;
}

const reasons = ["for a task", "for itself"] as const;

function startKey({ name }: NodeAccess, why: Ensuring["why"]): string {
  return `${name} ${why}`;
}

interface Ensuring {
  readonly links: HiveLinks;
  readonly node: NodeAccess;
  readonly story: Story;
  readonly why: (typeof reasons)[number];
  /** Told who is there before that is judged. */
  readonly note: (health: HiveHealth) => void;
}

/**
 * 1. Who is there is asked every time: a hive that was heard may have been stopped a moment ago.
 * 2. Refused: nothing runs there, so it is started. Silent: an existing hive hangs, and that is an
 *    error; where none ever answered, a firewall may be in the way, and SSH gets around it.
 * 3. Its version must be one that this queen understands, and it must not be another queen's.
 * 4. It must be heard, so that its workers are known before anybody places a task. One that was
 *    started just now has none: the stream is opened while the next question is asked already.
 */
async function ensureHive(options: HivesOptions, ensuring: Ensuring): Promise<HiveHealth> {
  const { links, node, story } = ensuring;
  const { connectTimeoutMs } = options;
  const { signal } = new AbortController();
  try {
    // 1.
    const found = await lookFirst({ node, story, signal, connectTimeoutMs }, ensuring.why);
    // 2.
    if (found === undefined) await node.startHive(story, signal);
    else if (found instanceof RbeeError) await startBehindSilence(ensuring, found, signal);
    const isNew = found === undefined || found instanceof RbeeError;
    const health = isNew
      ? await openHiveClient(node).call("health", { timeoutMs: connectTimeoutMs })
      : found;
    ensuring.note(health);
    // 3.
    const human = `Checking version: rbee-hive on ${node.name} is v${health.version}`;
    story({ type: "tell", line: { action: "version-check", target: node.name, human } });
    requireUsable(options, node, health);
    // 4.
    const heard = links.to(node).connect();
    if (isNew) heard.catch(nothing);
    else await heard;
    return health;
  } catch (error) {
    throw translateHiveFailure(error, node);
  }
}

type Look = Parameters<typeof lookForHive>[0];

// The error is returned when it need not be the end.
async function lookFirst(
  look: Look,
  why: Ensuring["why"],
): Promise<HiveHealth | RbeeError | undefined> {
  try {
    return await lookForHive(look);
  } catch (error) {
    const { node } = look;
    const mayGoOn = !node.isLocal && (why === "for itself" || !node.hasAnswered());
    if (mayGoOn && RbeeError.is(error, "CONNECTION_TIMEOUT")) return error;
    throw error;
  }
}

// Who wanted the hive for a task hears of its silence when SSH does not get in either.
async function startBehindSilence(
  { node, story, why }: Ensuring,
  silence: RbeeError,
  signal: AbortSignal,
): Promise<void> {
  const human = `No hive ever answered on ${node.name}; looking over SSH whether a port is closed`;
  story({ type: "tell", line: { action: "look-over-ssh", target: node.name, human } });
  try {
    await node.startHive(story, signal);
  } catch (error) {
    if (why === "for itself" || !isSshFailure(error)) throw error;
    throw silence;
  }
}

function isSshFailure(error: unknown): boolean {
  return RbeeError.is(error) && error.code.startsWith("SSH_");
}

interface Spawning {
  readonly links: HiveLinks;
  readonly node: NodeAccess;
  readonly request: SpawnRequest;
  readonly errand: Errand;
}

async function spawn(options: HivesOptions, spawning: Spawning): Promise<ViewWorker> {
  const { links, node, request, errand } = spawning;
  const { view, workerStartTimeoutMs, connectTimeoutMs, onChange } = options;
  // Others may join, so neither the deadline nor the end of the first request ends the spawn.
  const hop = { ...errand.hop, deadline: undefined, signal: new AbortController().signal };
  const client = openTranslatedClient(node, untilLost(links, node, hop));
  const answerTimeoutMs = workerStartTimeoutMs + connectTimeoutMs;
  const worker = await spawnWorker({ ...errand, node, client, request, answerTimeoutMs });
  // One that crashed at once is not brought back into view by its own good news.
  if (!links.ends.has(worker)) view.workerChanged(worker);
  view.madeFor(worker, placementKey(request));
  onChange();
  return worker;
}
