// Every route of the three daemons gets what nobody should send, for a minute. The run prints its
// seed; `FUZZ_SEED` brings the same again and `FUZZ_SECONDS` makes it longer.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { hiveRoutes, queenRoutes, workerRoutes } from "@rbee/contract";
import type { Route } from "@rbee/contract";
import { readSecretFile } from "@rbee/settings";
import { eventually } from "@rbee/testkit";
import {
  createRandom,
  encodeBody,
  generateBody,
  generateQuery,
  mutate,
  pick,
} from "./fuzz-bodies-fixture.ts";
import type { Random } from "./fuzz-bodies-fixture.ts";
import { sendFuzz } from "./fuzz-send-fixture.ts";
import type { Attempt, FuzzTarget } from "./fuzz-send-fixture.ts";
import { buildWireRequest, sendOnWire } from "./fuzz-wire-fixture.ts";
import { openQueen } from "./scripted-queen-fixture.ts";
import type { QueenInBox } from "./scripted-queen-fixture.ts";

const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 2 ** 31);
const seconds = Number(process.env["FUZZ_SECONDS"] ?? 60);
// Of that time, so much is for what changes and stops things.
const harmfulShare = 0.2;
const wirePatienceMs = 300;
const residentMaxBytes = 700 * 2 ** 20;

// What these do, allowed, changes for all that follow who is there to be asked. Where others are
// fuzzed they get only what is to be refused; in a box of their own, everything.
const harmful: ReadonlySet<string> = new Set([
  "addNode",
  "updateNode",
  "removeNode",
  "installNode",
  "createKey",
  "revokeKey",
  "pullModel",
  "downloadModel",
  "shutdownWorker",
  "stopWorker",
  "stopHive",
  "startHive",
  "restartHive",
  "deleteModel",
  "workerReady",
  "renewLease",
]);
// These take no body, or an empty one: whatever comes stops the program. They come last.
const final: ReadonlySet<string> = new Set(["shutdown", "followShutdown"]);

interface Daemon extends FuzzTarget {
  readonly name: string;
  readonly pid: number;
  readonly routes: Readonly<Record<string, Route>>;
}

const contentTypes = ["application/json", "application/json", "text/plain", "multipart/form-data"];
const wirePaths: Readonly<Record<string, readonly string[]>> = {
  queen: ["/v2/tasks", "/v1/chat/completions", "/v1/health"],
  hive: ["/v1/workers/spawn", "/v1/health"],
  worker: ["/v1/inference", "/v1/tokenize", "/v1/health"],
};
const nothings = ["..", "%2e%2e%2f", "%00", "x".repeat(3000), "worker-1", "🐝", "1", "a/b/c"];
const parameters = ["hello-bee", ...nothings];

interface Planning {
  readonly random: Random;
  /** Nothing that could be allowed and do harm. */
  readonly isGentle: boolean;
}

function planAttempt(
  [name, route]: readonly [string, Route],
  { random, isGentle }: Planning,
): Attempt {
  const isGuarded = isGentle && harmful.has(name);
  const path = route.path.replaceAll(/:\w+/g, () =>
    encodeURI(pick(random, isGuarded ? nothings : parameters)),
  );
  const query = pick(random, [() => "", () => pick(random, queries), generateQuery]);
  const words = query(route, random);
  let value = generateBody(route, random);
  for (let turn = 0; turn < 3 && random() < 0.6; turn += 1) value = mutate(value, random);
  const body = isGuarded ? '{"no_such_field":1}' : encodeBody(value, random);
  const contentType = pick(random, contentTypes);
  const method = route.method.toUpperCase();
  return { name, method, path: words === "" ? path : `${path}?${words}`, contentType, body };
}

const queries = [
  "node=localhost",
  "node=" + "n".repeat(3000),
  "lines=-1",
  "lines=NaN&lines=2",
  "follow=true&lines=999999999999999999999",
  "connection=",
  "__proto__=1&constructor=2",
  "model=%ff%fe",
  "model=hello-bee&context=-1&device=9e99",
  "id=../../etc",
];

// True when somebody answered.
async function attemptOn(daemon: Daemon, attempt: Attempt): Promise<boolean> {
  const { method, path, body } = attempt;
  const what = `${daemon.name} ${method} ${path.slice(0, 200)} ${String(body).slice(0, 600)}`;
  const answer = await sendFuzz(daemon, attempt).catch((error: unknown) => {
    throw new Error(`${what}: ${String(error)}`, { cause: error });
  });
  assert.notEqual(answer.status, 500, `${what}\n${answer.text}`);
  assert.ok(!answer.text.includes("INTERNAL_ERROR"), `${what}\n${answer.text}`);
  return answer.status !== "nobody";
}

async function fuzz(daemon: Daemon, untilMs: number): Promise<number> {
  const random = createRandom(seed + daemon.port);
  const routes = Object.entries(daemon.routes).filter(([name]) => !final.has(name));
  let attempts = 0;
  for (; performance.now() < untilMs; attempts += 1) {
    if (random() < 0.15) {
      const path = pick(random, wirePaths[daemon.name] ?? []);
      const target = { host: "127.0.0.1", port: daemon.port, path, key: daemon.key() };
      const bytes = buildWireRequest(target, random);
      const text = await sendOnWire(target, bytes, wirePatienceMs);
      assert.doesNotMatch(text, /^HTTP\/1\.1 500/, `${daemon.name} ${bytes.toString("latin1")}`);
      continue;
    }
    const attempt = planAttempt(pick(random, routes), { random, isGentle: true });
    assert.ok(await attemptOn(daemon, attempt), `${daemon.name} is gone`);
  }
  return attempts;
}

/** The routes that change or stop things, in any order; hive and workers come and go meanwhile. */
async function harm(daemons: readonly Daemon[], untilMs: number): Promise<ReadonlySet<string>> {
  const random = createRandom(seed);
  const answered = new Set<string>();
  const all = daemons.flatMap((daemon) =>
    Object.entries(daemon.routes).flatMap((entry) =>
      harmful.has(entry[0]) ? [{ daemon, entry }] : [],
    ),
  );
  while (performance.now() < untilMs || answered.size < all.length) {
    const left = all.filter(({ daemon, entry: [name] }) => !answered.has(`${daemon.name} ${name}`));
    const isLate = performance.now() >= untilMs;
    const { daemon, entry } = pick(random, isLate ? left : all);
    const attempt = planAttempt(entry, { random, isGentle: false });
    if (await attemptOn(daemon, attempt)) answered.add(`${daemon.name} ${entry[0]}`);
    else await startHive(daemons[0]);
  }
  return answered;
}

async function startHive(queen: Daemon | undefined): Promise<void> {
  assert.ok(queen !== undefined);
  const body = "{}";
  const [name, path, method, contentType] = ["startHive", "/v2/hives/start", "POST", "text/json"];
  await attemptOn(queen, { name, path, method, contentType, body });
}

function keyIn(box: QueenInBox, name: "queen" | "hive"): string | undefined {
  try {
    return readSecretFile(`${box.box.rbeeHome}/keys/${name}.key`);
  } catch {
    // A queen has none before somebody made the first key.
    return undefined;
  }
}

function findDaemons(box: QueenInBox): Daemon[] {
  const { queenPort, hivePort, queenPid, hivePid } = box.box;
  const queen = { name: "queen", port: queenPort, pid: queenPid() ?? 0, routes: queenRoutes };
  const hive = { name: "hive", port: hivePort, pid: hivePid() ?? 0, routes: hiveRoutes };
  return [
    { ...queen, key: () => keyIn(box, "queen") },
    { ...hive, key: () => keyIn(box, "hive") },
  ];
}

async function openWorker({ box, queen }: QueenInBox): Promise<Daemon> {
  const asked = { model: "hello-bee", slots: 2, context: 256 };
  for await (const event of await queen.stream("spawnWorker", { body: asked })) {
    assert.notEqual(event.type, "error", JSON.stringify(event));
  }
  const [worker] = (await box.hive().call("listWorkers")).workers;
  assert.ok(worker?.url && worker.pid);
  const access = await box.hive().call("workerAccess", { params: { id: worker.id } });
  const port = Number(new URL(access.url).port);
  const key = () => access.api_key;
  return { name: "worker", port, pid: worker.pid, key, routes: workerRoutes };
}

function residentBytes(pid: number): number {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
  return pages * 4096;
}

const settings = { hive: { hub_endpoint: "http://127.0.0.1:9" }, timeouts: { connect: 0.5 } };

describe("what nobody should send", () => {
  it("never ends in a 500, a silence or a dead daemon", async (context) => {
    context.diagnostic(`FUZZ_SEED=${seed}`);
    await using box = await openQueen({ settings });
    const worker = await openWorker(box);
    const daemons = [...findDaemons(box), worker];
    const untilMs = performance.now() + seconds * 1000 * (1 - harmfulShare);
    const counts = await Promise.all(daemons.map((daemon) => fuzz(daemon, untilMs)));
    for (const [index, { name, pid }] of daemons.entries()) {
      const megabytes = Math.round(residentBytes(pid) / 2 ** 20);
      context.diagnostic(`${name}: ${counts[index]} attempts, ${megabytes} MB resident`);
      assert.ok((counts[index] ?? 0) > 20, `${name} was asked ${counts[index]} times`);
      assert.ok(residentBytes(pid) < residentMaxBytes, `${name} takes ${megabytes} MB`);
    }
    const { program } = await box.queen.call("health");
    assert.equal(program, "queen-rbee");
    // A client that made so many mistakes is slowed down for a second.
    const events = await eventually(() => box.ask({ max_tokens: 4 }).ended);
    assert.equal(events.at(-1)?.type, "done", "and the next request is served");
  });

  it("changes and stops things cleanly, where it is understood at all", async (context) => {
    context.diagnostic(`FUZZ_SEED=${seed}`);
    await using box = await openQueen({ script: ["--layers", "1"], settings });
    await box.ask({ max_tokens: 1 }).ended;
    const daemons = findDaemons(box);
    const answered = await harm(daemons, performance.now() + seconds * 1000 * harmfulShare);
    context.diagnostic([...answered].toSorted().join(", "));
    const events = await box.ask({ max_tokens: 4 }).ended;
    assert.equal(events.at(-1)?.type, "done", JSON.stringify(events.slice(-2)));
    const random = createRandom(seed);
    const worker = await openWorker(box);
    for (const daemon of [worker, ...daemons.toReversed()]) {
      const stops = Object.entries(daemon.routes).filter(([name]) => final.has(name));
      // Until one is understood; whoever stops says nothing more.
      while (
        await attemptOn(daemon, planAttempt(pick(random, stops), { random, isGentle: false }))
      );
    }
    await eventually(() => box.programs().length === 0, { timeoutMs: 35_000 });
  });
});
