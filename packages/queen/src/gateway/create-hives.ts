import { RbeeError, timings } from "@rbee/contract";
import type { HiveHealth } from "@rbee/contract";
import { judgeVersion } from "../domain/judge-hive.ts";
import { placementKey } from "../domain/place-task.ts";
import type { ViewWorker } from "../domain/worker-view.ts";
import type { Errand, Hives, NodeAccess, SpawnRequest, Story } from "../ports.ts";
import { openHiveClient, openTranslatedClient } from "./hive-client.ts";
import { translateHiveFailure } from "./hive-failure.ts";
import { createHiveLinks } from "./hive-links.ts";
import type { HiveLinks, HiveLinksOptions } from "./hive-links.ts";
import { createJoinedRuns, unlessAborted } from "./join-runs.ts";
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
  const judge = (node: NodeAccess, health: HiveHealth) => mismatch(options.version, node, health);
  const links = createHiveLinks({ ...options, judge });
  const starts = createJoinedRuns<HiveHealth>();
  const spawns = createJoinedRuns<ViewWorker>();
  const stayPatient = new AbortController().signal;
  return {
    open: () => options.nodes.list().forEach(links.to),
    close: links.close,
    ensure: (node, errand) =>
      starts.join(node.name, errand, (story) => ensureHive(options, { links, node, story })),
    async refresh(node) {
      const limit = AbortSignal.timeout(timings.shutdownAcknowledgeMs);
      await unlessAborted(links.to(node).connect(), limit).catch(nothing);
    },
    findHealth: async (node) =>
      links.to(node).health() ?? (await findHealth(node, connectTimeoutMs)),
    client: openTranslatedClient,
    spawn(node, request, errand) {
      const key = JSON.stringify([node.name, placementKey(request), request.slots ?? null]);
      return spawns.join(key, errand, (story) =>
        spawn(options, { links, node, request, errand: { ...errand, story } }),
      );
    },
    workerAddress: links.addresses.get,
    forgetAddress: links.addresses.forget,
    findWorkerEnd: links.ends.find,
    async isOwned(node) {
      // A hive that is being started at this moment is one of ours, too.
      await starts.settle();
      const last = links.to(node).lastHealth();
      const health = last ?? (await findHealth(node, timings.shutdownAcknowledgeMs));
      return health?.started_by === instanceId && (await node.isHiveAlive(health.pid));
    },
    async stop(node, story, impatience = stayPatient) {
      const last = links.to(node).lastHealth();
      const look = { node, story, signal: impatience, connectTimeoutMs };
      const health = last ?? (await lookForHive(look));
      return health === undefined ? "not-running" : stopHive({ node, health, story, impatience });
    },
  };
}

async function findHealth(node: NodeAccess, timeoutMs: number): Promise<HiveHealth | undefined> {
  return await openHiveClient(node).call("health", { timeoutMs }).catch(nothing);
}

function nothing(): undefined {
  return undefined;
}

interface Ensuring {
  readonly links: HiveLinks;
  readonly node: NodeAccess;
  readonly story: Story;
}

/**
 * 1. Who is there is asked every time: a hive that was heard may have been stopped a moment ago.
 * 2. Refused: nothing runs there, so it is started.
 * 3. Its version must be one that this queen understands.
 * 4. It must be heard, so that its workers are known before anybody places a task. One that was
 *    started just now has none: the stream is opened while the next question is asked already.
 */
async function ensureHive(options: HivesOptions, ensuring: Ensuring): Promise<HiveHealth> {
  const { links, node, story } = ensuring;
  const { connectTimeoutMs } = options;
  const { signal } = new AbortController();
  try {
    // 1.
    const found = await lookForHive({ node, story, signal, connectTimeoutMs });
    // 2.
    if (found === undefined) await node.startHive(story, signal);
    const health =
      found ?? (await openHiveClient(node).call("health", { timeoutMs: connectTimeoutMs }));
    // 3.
    const human = `Checking version: rbee-hive on ${node.name} is v${health.version}`;
    story({ type: "tell", line: { action: "version-check", target: node.name, human } });
    const wrongVersion = mismatch(options.version, node, health);
    if (wrongVersion !== undefined) throw wrongVersion;
    // 4.
    const heard = links.to(node).connect();
    if (found === undefined) heard.catch(nothing);
    else await heard;
    return health;
  } catch (error) {
    throw translateHiveFailure(error, node);
  }
}

function mismatch(queenVersion: string, node: NodeAccess, { version }: HiveHealth) {
  const { isLocal, name } = node;
  const upgrade = judgeVersion({ queenVersion, hiveVersion: version, node: name, isLocal });
  if (upgrade === undefined) return undefined;
  return new RbeeError("VERSION_MISMATCH", {
    ours: { program: "queen-rbee", version: queenVersion },
    theirs: { program: "rbee-hive", version },
    node: name,
    upgrade,
  });
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
  const client = openTranslatedClient(node, hop);
  const answerTimeoutMs = workerStartTimeoutMs + connectTimeoutMs;
  const worker = await spawnWorker({ ...errand, node, client, request, answerTimeoutMs });
  // One that crashed at once is not brought back into view by its own good news.
  if (!links.ends.has(worker)) view.workerChanged(worker);
  view.madeFor(worker, placementKey(request));
  onChange();
  return worker;
}
