import { RbeeError, timings } from "@rbee/contract";
import type { HiveHealth } from "@rbee/contract";
import type { Logger } from "@rbee/daemon";
import { judgeVersion } from "../domain/judge-hive.ts";
import { placementKey } from "../domain/place-task.ts";
import type { ViewWorker, WorkerView } from "../domain/worker-view.ts";
import type { Errand, Hives, NodeAccess, Nodes, Story } from "../ports.ts";
import { translateHiveFailure } from "./hive-failure.ts";
import { openHiveClient, openTranslatedClient } from "./hive-client.ts";
import { openHiveLink } from "./hive-link.ts";
import type { HiveLink } from "./hive-link.ts";
import { createJoinedRuns } from "./join-runs.ts";
import { lookForHive } from "./look-for-hive.ts";
import { spawnWorker } from "./spawn-worker.ts";
import { stopHive } from "./stop-hive.ts";
import { createWorkerEnds } from "./worker-ends.ts";

export interface HivesOptions {
  readonly nodes: Nodes;
  readonly view: WorkerView;
  readonly version: string;
  readonly instanceId: string;
  readonly connectTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly workerStartTimeoutMs: number;
  readonly logger: Logger;
  readonly onChange: () => void;
}

export interface OpenHives extends Hives {
  /** Looks at every node and keeps listening to the hives that run there. */
  readonly open: () => void;
  readonly close: () => void;
}

/** Everything the queen does with hives; one link, one start and one spawn of a kind at a time. */
export function createHives(options: HivesOptions): OpenHives {
  const { view, instanceId } = options;
  const links = new Map<string, HiveLink>();
  const ends = createWorkerEnds();
  const starts = createJoinedRuns<HiveHealth>();
  const spawns = createJoinedRuns<ViewWorker>();
  const addresses = new Map<string, Awaited<ReturnType<Hives["workerAddress"]>>>();
  const linkTo = (node: NodeAccess): HiveLink => {
    const known = links.get(node.name);
    if (known !== undefined) return known;
    const link = openHiveLink({
      ...options,
      node,
      judge: (health) => mismatch(options, node, health),
      onWorkerEnd(worker, end) {
        addresses.delete(keyOf(worker));
        ends.add(worker, end);
      },
    });
    links.set(node.name, link);
    return link;
  };
  return {
    open: () => options.nodes.list().forEach(linkTo),
    close: () => links.forEach((link) => link.close()),
    ensure: (node, errand) =>
      starts.join(node.name, errand, async (story) => {
        try {
          return await ensureHive(options, { node, story, linkTo });
        } catch (error) {
          throw translateHiveFailure(error, node);
        }
      }),
    refresh: (node) => linkTo(node).connect().then(noop, noop),
    findHealth: async (node) =>
      linkTo(node).health() ?? (await findHealth(node, options.connectTimeoutMs)),
    client: openTranslatedClient,
    spawn: async (node, request, errand) => {
      const key = JSON.stringify([node.name, placementKey(request), request.slots ?? null]);
      return await spawns.join(key, errand, async (story) => {
        const worker = await spawn(options, { node, request, story, errand });
        // One that crashed at once is not brought back into view by its own good news.
        if (!ends.has(worker)) view.workerChanged(worker);
        view.madeFor(worker, placementKey(request));
        options.onChange();
        return worker;
      });
    },
    async workerAddress(worker, hop) {
      const known = addresses.get(keyOf(worker));
      if (known !== undefined) return known;
      const client = openTranslatedClient(options.nodes.require(worker.node), hop);
      const { url, api_key: apiKey } = await client.call("workerAccess", {
        params: { id: worker.id },
        timeoutMs: options.connectTimeoutMs,
      });
      const address = { url, apiKey };
      // A worker that ended while we asked is not remembered.
      if (view.findWorker(worker.id) !== undefined) addresses.set(keyOf(worker), address);
      return address;
    },
    forgetAddress: (worker) => void addresses.delete(keyOf(worker)),
    findWorkerEnd: ends.find,
    async isOwned(node) {
      await starts.settle();
      const health =
        linkTo(node).lastHealth() ?? (await findHealth(node, timings.shutdownAcknowledgeMs));
      return health?.started_by === instanceId && (await node.isHiveAlive(health.pid));
    },
    async stop(node, story, impatience = new AbortController().signal) {
      const health =
        linkTo(node).lastHealth() ??
        (await lookForHive({ ...options, node, story, signal: impatience }));
      return health === undefined ? "not-running" : stopHive({ node, health, story, impatience });
    },
  };
}

async function findHealth(node: NodeAccess, timeoutMs: number): Promise<HiveHealth | undefined> {
  return await openHiveClient(node).call("health", { timeoutMs }).catch(noop);
}

interface Ensuring {
  readonly node: NodeAccess;
  readonly story: Story;
  readonly linkTo: (node: NodeAccess) => HiveLink;
}

/**
 * 1. A hive that is heard already is asked again: it may have been stopped a moment ago.
 * 2. Refused: nothing runs there, so it is started.
 * 3. Its version must be one that this queen understands.
 * 4. It must be heard, so that its workers are known before anybody places a task.
 */
async function ensureHive(options: HivesOptions, ensuring: Ensuring): Promise<HiveHealth> {
  const { node, story, linkTo } = ensuring;
  const signal = new AbortController().signal;
  const look = { node, story, signal, connectTimeoutMs: options.connectTimeoutMs };
  // 1.
  let health = await lookForHive(look);
  // 2.
  if (health === undefined) {
    await node.startHive(story, signal);
    health = await openHiveClient(node).call("health", { timeoutMs: options.connectTimeoutMs });
  }
  // 3.
  const human = `Checking version: rbee-hive on ${node.name} is v${health.version}`;
  story({ type: "tell", line: { action: "version-check", target: node.name, human } });
  const wrongVersion = mismatch(options, node, health);
  if (wrongVersion !== undefined) throw wrongVersion;
  // 4.
  await linkTo(node).connect();
  return health;
}

function mismatch(options: HivesOptions, node: NodeAccess, health: HiveHealth) {
  const { version: queenVersion } = options;
  const { version: hiveVersion } = health;
  const { isLocal, name } = node;
  const upgrade = judgeVersion({ queenVersion, hiveVersion, node: name, isLocal });
  if (upgrade === undefined) return undefined;
  return new RbeeError("VERSION_MISMATCH", {
    ours: { program: "queen-rbee", version: queenVersion },
    theirs: { program: "rbee-hive", version: hiveVersion },
    node: name,
    upgrade,
  });
}

interface Spawning {
  readonly node: NodeAccess;
  readonly request: Parameters<Hives["spawn"]>[1];
  readonly story: Story;
  readonly errand: Errand;
}

async function spawn(options: HivesOptions, spawning: Spawning): Promise<ViewWorker> {
  const { node, request, story, errand } = spawning;
  // Others may join, so neither the deadline nor the end of the first request ends the spawn.
  const hop = { ...errand.hop, deadline: undefined, signal: new AbortController().signal };
  const client = openTranslatedClient(node, hop);
  const answerTimeoutMs = options.workerStartTimeoutMs + options.connectTimeoutMs;
  return await spawnWorker({ node, client, request, story, answerTimeoutMs });
}

function keyOf({ node, id }: { readonly node: string; readonly id: string }): string {
  return `${node}/${id}`;
}

function noop(): undefined {
  return undefined;
}
