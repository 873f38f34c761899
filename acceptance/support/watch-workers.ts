import assert from "node:assert/strict";
import { QueenWorkerList } from "@rbee/contract";
import type { HiveWorker, QueenWorker } from "@rbee/contract";
import { eventually } from "@rbee/testkit";
import type { RbeeWorld } from "../world.ts";

export async function listWorkers(world: RbeeWorld): Promise<readonly HiveWorker[]> {
  return (await world.box.hive().call("listWorkers", { timeoutMs: 5000 })).workers;
}

/** The one worker of the hive, when it is as wanted. */
export async function waitForWorker(
  world: RbeeWorld,
  isWanted: (worker: HiveWorker) => boolean,
  timeoutMs = 10_000,
): Promise<HiveWorker> {
  const what = `a worker for which ${String(isWanted)}`;
  return await eventually(async () => (await listWorkers(world)).find(isWanted), {
    timeoutMs,
    what,
  });
}

/** Keeps the id and process of the newest worker, for later steps and as `$WORKER`. */
export async function noteWorker(world: RbeeWorld): Promise<void> {
  if (world.network !== undefined) {
    // A look would start a queen.
    const { blep } = world.network.hosts;
    if (!blep.processes().some((entry) => entry.program === "queen-rbee")) return;
    const newest = (await listAllWorkers(world)).at(-1);
    if (newest !== undefined) world.names.set("WORKER", newest.worker_id);
    return;
  }
  const workers = await listWorkers(world).catch(() => []);
  const worker = workers.at(-1);
  if (worker === undefined) return;
  world.names.set("WORKER", worker.id);
  world.facts.set("worker", worker);
}

/** The workers of all nodes, the newest last, as a person at blep may see them. */
export async function listAllWorkers(world: RbeeWorld): Promise<readonly QueenWorker[]> {
  const run = await world.network?.keeper(["workers", "list", "--json"]);
  assert.equal(run?.end()?.code, 0, run?.stderr());
  const { workers } = QueenWorkerList.parse(JSON.parse(run.stdout()));
  const known = world.facts.get("known") as readonly string[] | undefined;
  const ids = workers.map((worker) => worker.worker_id);
  world.facts.set("known", ids);
  return workers.toSorted((one, other) => age(one, known) - age(other, known));
}

function age({ worker_id: id }: QueenWorker, known: readonly string[] = []): number {
  return known.includes(id) ? 0 : 1;
}

export interface WorkerAddress {
  readonly url: string;
  readonly key: string;
}

export async function findAddress(world: RbeeWorld, id: string): Promise<WorkerAddress> {
  const access = await world.box.hive().call("workerAccess", { params: { id }, timeoutMs: 5000 });
  return { url: access.url, key: access.api_key };
}

/** Process ids of the workers that run, as the kernel tells. */
export function workerPids(world: RbeeWorld): number[] {
  return world.box
    .processes()
    .filter((entry) => entry.program === "llm-worker-rbee")
    .map((entry) => entry.pid);
}

export function oneWorkerPid(world: RbeeWorld): number {
  const pids = workerPids(world);
  assert.equal(pids.length, 1, `one worker is expected, ${pids.length} run`);
  return pids[0] as number;
}
