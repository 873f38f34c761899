import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { PlacementExplanation, TaskEvent } from "@rbee/contract";
import { eventually, sshHostObstacle, writeLlamaModel } from "@rbee/testkit";
import type { LlamaShape } from "@rbee/testkit";
import { openRemoteRoad } from "./remote-node-fixture.ts";
import type { RemoteRoad } from "./remote-node-fixture.ts";
import { openQueen } from "./scripted-queen-fixture.ts";
import type { QueenInBox } from "./scripted-queen-fixture.ts";

const skip = sshHostObstacle() ?? false;

// About 220 MB of weights, which take no room on the disk. A worker of it holds about 400 MB.
const shape: Omit<LlamaShape, "name"> = {
  layers: 2,
  width: 1536,
  heads: 16,
  feedForwardWidth: 19_456,
  vocabularySize: 8192,
  contextLength: 256,
  isTied: true,
  weightType: "Q8_0",
  fill: "zeros",
};
// Room for one such worker by what one holds, and not for two by what two are promised.
const limits = { hive: { memory_limit_mb: 500 }, worker: { slots: 1, threads: 1 } };

async function writeModels({ box }: QueenInBox, names: readonly string[]): Promise<string[]> {
  const tokenizer = join(box.installation.models, "hello-bee/hello-bee-3m-q8_0.gguf");
  return await Promise.all(
    names.map(async (name) => {
      const path = join(box.root, `${name}.gguf`);
      await writeLlamaModel(path, { ...shape, name }, tokenizer);
      return `file:${path}`;
    }),
  );
}

function saysOf(events: readonly TaskEvent[]): string[] {
  return events.flatMap((event) => (event.type === "narration" ? [event.human] : []));
}

function stopsIn(events: readonly TaskEvent[]): string[] {
  return events.flatMap((event) =>
    event.type === "narration" && event.action === "evict-worker" ? [event.target ?? ""] : [],
  );
}

async function explain({ queen }: QueenInBox, model: string): Promise<PlacementExplanation> {
  return await queen.call("explainPlacement", { query: { model } });
}

describe("a machine that is full", () => {
  it("stops an idle worker for another model, and explain says so before", async () => {
    const queen = { residency: 0.5, patience: 30 };
    await using cluster = await openQueen({ settings: { ...limits, queen } });
    const [first = "", second = ""] = await writeModels(cluster, ["first", "second"]);
    const ask = (model: string) => cluster.ask({ model, max_tokens: 2 }).ended;
    assert.equal((await ask(first)).at(-1)?.type, "done");
    const loaded = await explain(cluster, first);
    assert.equal(loaded.choice.kind, "use", JSON.stringify(loaded));
    const explained = await eventually(async () => {
      const now = await explain(cluster, second);
      return now.choice.kind === "evict" && now;
    });
    const [victim] = explained.choice.stops;
    assert.equal(victim?.model_ref, first);
    const [node] = explained.nodes;
    assert.equal(node?.verdict, "short");
    assert.equal(node.short_mb, Number(node.required_mb) - Number(node.available_mb));
    assert.ok(victim.memory_mb >= node.short_mb);
    const events = await ask(second);
    assert.equal(events.at(-1)?.type, "done", JSON.stringify(events.slice(-3)));
    assert.deepEqual(stopsIn(events), [victim.worker_id]);
    assert.match(
      saysOf(events).join("\n"),
      /^Stopping worker-\S+ on localhost to make room \((?:idle |just used)/m,
    );
    const { workers } = await cluster.queen.call("listWorkers", { query: {} });
    assert.deepEqual(
      workers.map(({ model_ref }) => model_ref),
      [second],
    );
  });

  it("leaves a pinned worker alone and says at once with figures that another never fits", async () => {
    const queen = { residency: 0.1, patience: 0.1, pinned: "pinned" };
    await using cluster = await openQueen({ settings: { ...limits, queen } });
    const [first = "", second = ""] = await writeModels(cluster, ["first", "second"]);
    cluster.box.configure({ ...limits, queen, aliases: { pinned: first } });
    cluster.box.signal(Number(cluster.box.queenPid()), "SIGHUP");
    await eventually(async () => (await explain(cluster, first)).pinned);
    assert.equal((await cluster.ask({ model: first, max_tokens: 2 }).ended).at(-1)?.type, "done");
    const events = await cluster.ask({ model: second, max_tokens: 2 }).ended;
    const last = events.at(-1);
    assert.equal(last?.type === "error" && last.error.code, "INSUFFICIENT_RAM");
    const { nodes } = await explain(cluster, second);
    assert.deepEqual(
      nodes[0]?.workers.map(({ kept }) => kept),
      ["pinned"],
    );
  });
});

// How long the three clients go on at least, and until so many workers were stopped; the five minutes
// are the bench's.
const sustainedMs = 10_000;
const stopsMin = 2;
const residencyMs = 1000;
const patienceMs = 3000;
const sampledEveryMs = 500;

interface Served {
  readonly answers: Map<string, number>;
  readonly stops: string[];
  readonly failures: unknown[];
}

async function keepAsking(
  { cluster }: RemoteRoad,
  { model, isOver }: { readonly model: string; readonly isOver: () => boolean },
  { answers, stops, failures }: Served,
): Promise<void> {
  while (!isOver()) {
    const events = await cluster.ask({ model, max_tokens: 2 }).ended;
    stops.push(...stopsIn(events));
    if (events.at(-1)?.type === "done") answers.set(model, (answers.get(model) ?? 0) + 1);
    else failures.push(events.at(-1));
  }
}

// What must be true of every explanation, whatever goes on meanwhile.
function checkExplanation({ choice, nodes, model }: PlacementExplanation): void {
  const chosen = nodes.find(({ node }) => node === choice.node);
  const worker = chosen?.workers.find(({ worker_id }) => worker_id === choice.worker_id);
  if (choice.kind === "use") {
    assert.equal(worker?.model_ref, model);
    assert.ok(worker.slots_free > 0);
    assert.equal(chosen?.verdict, "loaded");
  }
  if (choice.kind !== "evict") return;
  assert.equal(chosen?.verdict, "short", JSON.stringify(chosen));
  const freed = choice.stops.reduce((sum, { memory_mb }) => sum + memory_mb, 0);
  assert.ok(freed >= Number(chosen.short_mb), `${freed} of ${chosen.short_mb} MB`);
  assert.ok(choice.stops.every(({ running, model_ref }) => running === 0 && model_ref !== model));
}

async function openTwoNodes(): Promise<RemoteRoad> {
  const queen = { residency: residencyMs / 1000, patience: patienceMs / 1000 };
  const road = await openRemoteRoad({ queenSettings: { ...limits, queen } });
  const { node, cluster } = road;
  const here = { host: node.host.address, worker_port_base: cluster.box.workerPortBase };
  node.configure({ hive: { ...here, ...limits.hive }, worker: limits.worker });
  for (const name of ["localhost", "mac"]) {
    const stream = await cluster.queen.stream("startHive", { body: { node: name } });
    for await (const event of stream) assert.notEqual(event.type, "error", JSON.stringify(event));
  }
  return road;
}

describe("two machines with room for one model each, and three models", { skip }, () => {
  it("serve all three clients without thrash, and explain agrees with what happens", async () => {
    await using road = await openTwoNodes();
    const { cluster } = road;
    const models = await writeModels(cluster, ["one", "two", "three"]);
    const startedAt = performance.now();
    const served: Served = { answers: new Map(), stops: [], failures: [] };
    const { answers, stops, failures } = served;
    const isOver = () =>
      failures.length > 0 ||
      (performance.now() > startedAt + sustainedMs &&
        stops.length >= stopsMin &&
        answers.size === models.length);
    const clients = models.map((model) => keepAsking(road, { model, isOver }, served));
    while (!isOver()) {
      for (const model of models) checkExplanation(await explain(cluster, model));
      await delay(sampledEveryMs);
    }
    await Promise.all(clients);
    const elapsedMs = performance.now() - startedAt;
    assert.deepEqual(failures, []);
    assert.equal(new Set(stops).size, stops.length, "a worker was stopped twice");
    // On each of two nodes a worker stays for its residency at least.
    const bound = 2 * (Math.ceil(elapsedMs / residencyMs) + 1);
    assert.ok(stops.length <= bound, `${stops.length} stops in ${elapsedMs} ms`);
    for (let round = 0; round < 2; round += 1) await compareWithExplained(cluster, models);
  });
});

// At a quiet moment what is explained is what happens next.
async function compareWithExplained(cluster: QueenInBox, models: readonly string[]): Promise<void> {
  const { choice, model } = await eventually(async () => {
    const all = await Promise.all(models.map((model) => explain(cluster, model)));
    return all.find(({ choice }) => choice.kind === "evict");
  });
  const events = await cluster.ask({ model, max_tokens: 2 }).ended;
  assert.equal(events.at(-1)?.type, "done", JSON.stringify(events.slice(-3)));
  assert.deepEqual(
    stopsIn(events),
    choice.stops.map(({ worker_id }) => worker_id),
  );
  const { workers } = await cluster.queen.call("listWorkers", { query: {} });
  assert.equal(workers.find(({ model_ref }) => model_ref === model)?.node, choice.node);
}
