// Every route of the three daemons gets what nobody should send, for a minute. The run prints its
// seed; `FUZZ_SEED` brings the same again and `FUZZ_SECONDS` makes it longer.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { describe, it } from "node:test";
import { hiveRoutes, queenRoutes, workerRoutes } from "@rbee/contract";
import type { Route } from "@rbee/contract";
import { readSecretFile } from "@rbee/settings";
import { createRandom, encodeBody, generateBody, mutate, pick } from "./fuzz-bodies-fixture.ts";
import type { Random } from "./fuzz-bodies-fixture.ts";
import { buildWireRequest, sendOnWire } from "./fuzz-wire-fixture.ts";
import { openQueen } from "./scripted-queen-fixture.ts";
import type { QueenInBox } from "./scripted-queen-fixture.ts";

const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 2 ** 31);
const seconds = Number(process.env["FUZZ_SECONDS"] ?? 60);
const answerLimitMs = 30_000;
const wirePatienceMs = 300;
const readMaxBytes = 65_536;
const streamReadMs = 200;
const residentMaxBytes = 700 * 2 ** 20;

// What these do, allowed, would end the run or reach out of this machine: they get only what is to
// be refused.
const guarded: ReadonlySet<string> = new Set([
  "shutdown",
  "followShutdown",
  "addNode",
  "updateNode",
  "removeNode",
  "installNode",
  "createKey",
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

interface Daemon {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  readonly key: string | undefined;
  readonly routes: Readonly<Record<string, Route>>;
}

interface Attempt {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly contentType: string;
  readonly body: string | Buffer;
}

const contentTypes = ["application/json", "application/json", "text/plain", "multipart/form-data"];
const wirePaths: Readonly<Record<string, readonly string[]>> = {
  queen: ["/v2/tasks", "/v1/chat/completions", "/v1/health"],
  hive: ["/v1/workers/spawn", "/v1/health"],
  worker: ["/v1/inference", "/v1/tokenize", "/v1/health"],
};
const parameters = ["hello-bee", "..", "%2e%2e%2f", "%00", "x".repeat(3000), "worker-1", "🐝", "1"];

function planAttempt(routes: Daemon["routes"], random: Random): Attempt {
  const [name, route] = pick(random, Object.entries(routes));
  const isGuarded = guarded.has(name);
  const path = route.path.replaceAll(/:\w+/g, () => encodeURI(pick(random, parameters)));
  const query = random() < 0.5 ? "" : `?${pick(random, queries)}`;
  let value = generateBody(route, random);
  for (let turn = 0; turn < 3 && random() < 0.6; turn += 1) value = mutate(value, random);
  const body = isGuarded ? '{"no_such_field":1}' : encodeBody(value, random);
  const contentType = pick(random, contentTypes);
  return { name, method: route.method.toUpperCase(), path: path + query, contentType, body };
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
  "id=../../etc",
];

interface Answer {
  readonly status: number;
  readonly text: string;
}

// Reads an answer to its end, a stream for a moment: long ones are left.
function send(daemon: Daemon, { method, path, contentType, body }: Attempt): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const authorization = daemon.key === undefined ? {} : { authorization: `Bearer ${daemon.key}` };
    const headers = { "content-type": contentType, ...authorization };
    const options = { host: "127.0.0.1", port: daemon.port, method, path, headers, agent: false };
    const sent = httpRequest(options, (response) => {
      const status = response.statusCode ?? 0;
      const chunks: Buffer[] = [];
      let bytes = 0;
      const leave = () => {
        clearTimeout(limit);
        resolve({ status, text: Buffer.concat(chunks).toString() });
        sent.destroy();
      };
      const isStream = response.headers["content-type"]?.includes("json") !== true;
      if (isStream) setTimeout(leave, streamReadMs);
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        if ((bytes += chunk.length) > readMaxBytes) leave();
      });
      response.on("end", leave).on("error", leave);
    });
    const limit = setTimeout(() => {
      reject(new Error("no answer"));
      sent.destroy();
    }, answerLimitMs);
    sent.on("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(limit);
      // A server that has read enough may close on whoever still writes.
      if (error.code === "EPIPE" || error.code === "ECONNRESET") resolve({ status: 0, text: "" });
      else reject(error);
    });
    sent.end(method === "GET" ? undefined : body);
  });
}

function isMounted({ name, method }: Attempt): boolean {
  return !(guarded.has(name) && (method === "DELETE" || name === "followShutdown"));
}

async function fuzz(daemon: Daemon, untilMs: number): Promise<number> {
  const random = createRandom(seed + daemon.port);
  let attempts = 0;
  for (; performance.now() < untilMs; attempts += 1) {
    if (random() < 0.15) {
      const path = pick(random, wirePaths[daemon.name] ?? []);
      const target = { host: "127.0.0.1", port: daemon.port, path, key: daemon.key };
      const bytes = buildWireRequest(target, random);
      const text = await sendOnWire(target, bytes, wirePatienceMs);
      assert.doesNotMatch(text, /^HTTP\/1\.1 500/, `${daemon.name} ${bytes.toString("latin1")}`);
      continue;
    }
    const attempt = planAttempt(daemon.routes, random);
    if (!isMounted(attempt) || (daemon.name === "worker" && attempt.name === "shutdown")) continue;
    if (daemon.name !== "worker" && attempt.name === "shutdown") continue;
    const what = `${daemon.name} ${attempt.method} ${attempt.path.slice(0, 200)} ${String(attempt.body).slice(0, 600)}`;
    const { status, text } = await send(daemon, attempt).catch((error: unknown) => {
      throw new Error(`${what}: ${String(error)}`, { cause: error });
    });
    assert.notEqual(status, 500, `${what}\n${text}`);
    assert.ok(!text.includes("INTERNAL_ERROR"), `${what}\n${text}`);
  }
  return attempts;
}

async function findDaemons({ box, queen }: QueenInBox): Promise<Daemon[]> {
  const asked = { model: "hello-bee", slots: 2, context: 256 };
  for await (const event of await queen.stream("spawnWorker", { body: asked })) {
    assert.notEqual(event.type, "error", JSON.stringify(event));
  }
  const [worker] = (await box.hive().call("listWorkers")).workers;
  assert.ok(worker?.url && worker.pid);
  const access = await box.hive().call("workerAccess", { params: { id: worker.id } });
  const hiveKey = readSecretFile(`${box.rbeeHome}/keys/hive.key`);
  const workerPort = Number(new URL(access.url).port);
  return [
    {
      name: "queen",
      port: box.queenPort,
      pid: box.queenPid() ?? 0,
      key: undefined,
      routes: queenRoutes,
    },
    { name: "hive", port: box.hivePort, pid: box.hivePid() ?? 0, key: hiveKey, routes: hiveRoutes },
    {
      name: "worker",
      port: workerPort,
      pid: worker.pid,
      key: access.api_key,
      routes: workerRoutes,
    },
  ];
}

function residentBytes(pid: number): number {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
  return pages * 4096;
}

describe("what nobody should send", () => {
  it("never ends in a 500, a silence or a dead daemon", async (context) => {
    context.diagnostic(`FUZZ_SEED=${seed}`);
    await using box = await openQueen({
      settings: {
        hive: { hub_endpoint: "http://127.0.0.1:9" },
        timeouts: { connect: 0.5 },
      },
    });
    const daemons = await findDaemons(box);
    const untilMs = performance.now() + seconds * 1000;
    const counts = await Promise.all(daemons.map((daemon) => fuzz(daemon, untilMs)));
    for (const [index, { name, pid }] of daemons.entries()) {
      const megabytes = Math.round(residentBytes(pid) / 2 ** 20);
      context.diagnostic(`${name}: ${counts[index]} attempts, ${megabytes} MB resident`);
      assert.ok((counts[index] ?? 0) > 20, `${name} was asked ${counts[index]} times`);
      assert.ok(residentBytes(pid) < residentMaxBytes, `${name} takes ${megabytes} MB`);
    }
    const { program } = await box.queen.call("health");
    assert.equal(program, "queen-rbee");
    const events = await box.ask({ max_tokens: 4 }).ended;
    assert.equal(events.at(-1)?.type, "done", "and the next request is served");
  });
});
