import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import type { ErrorCode, LogEvent, QueenEvent } from "@rbee/contract";
import { eventually, startHub } from "@rbee/testkit";
import type { Hub } from "@rbee/testkit";
import { openQueen } from "./scripted-queen-fixture.ts";
import type { QueenInBox } from "./scripted-queen-fixture.ts";

let hub: Hub;
let box: QueenInBox;
before(async () => {
  hub = await startHub();
  const settings = { aliases: { bee: "hello-bee" }, hive: { hub_endpoint: hub.url } };
  box = await openQueen({ script: ["--token-ms", "20"], settings });
});
after(async () => {
  await box.box.close();
  await hub.close();
});

function isCode(code: ErrorCode) {
  return (error: unknown) => RbeeError.is(error, code);
}

async function all<Event>(stream: AsyncIterable<Event>): Promise<Event[]> {
  const events: Event[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

describe("the operations of a queen", () => {
  it("know no other node than this machine, wherever one can be named", async () => {
    const query = { node: "mac" };
    const { queen } = box;
    const refusals = [
      queen.call("listWorkers", { query }),
      queen.call("workersHealth", { query }),
      queen.call("listModels", { query }),
      queen.call("getModel", { query, params: { id: "hello-bee" } }),
      queen.call("deleteModel", { query, params: { id: "hello-bee" } }),
      queen.call("hiveStatus", { query }),
      queen.call("doctor", { query }),
      queen.stream("logs", { query }),
      queen.stream("pullModel", { body: { node: "mac", model: "hello-bee" } }),
      queen.stream("verifyModels", { body: query }),
      queen.stream("spawnWorker", { body: { node: "mac", model: "hello-bee" } }),
      queen.stream("startHive", { body: query }),
      queen.stream("stopHive", { body: query }),
      queen.stream("restartHive", { body: query }),
    ];
    for (const refusal of refusals) await assert.rejects(refusal, isCode("NODE_NOT_FOUND"));
  });

  it("tell about the hive without starting it", async () => {
    const { queen } = box;
    const status = await queen.call("hiveStatus");
    assert.deepEqual([status.running, status.owned, status.health], [false, false, null]);
    assert.deepEqual((await queen.call("listWorkers")).workers, []);
    assert.deepEqual(await queen.call("workersHealth"), { status: "ok", workers: [] });
    const [stopped] = await all(await queen.stream("stopHive", { body: {} })).then((events) =>
      events.slice(-1),
    );
    assert.equal(stopped?.type === "done" && stopped.message.includes("was not running"), true);
    assert.deepEqual(box.programs(), ["queen-rbee"]);
  });

  it("start, restart and stop the hive, and say so", async () => {
    const { queen } = box;
    const run = async (name: "startHive" | "restartHive" | "stopHive") => {
      const last = (await all(await queen.stream(name, { body: {} }))).at(-1);
      assert.equal(last?.type, "done", JSON.stringify(last));
    };
    await run("startHive");
    const before = (await queen.call("hiveStatus")).health;
    assert.equal(before?.node, "localhost");
    await run("startHive");
    assert.equal((await queen.call("hiveStatus")).health?.pid, before?.pid);
    await run("restartHive");
    const restarted = await queen.call("hiveStatus");
    assert.notEqual(restarted.health?.pid, before?.pid);
    assert.equal(restarted.owned, true);
    assert.ok((restarted.devices?.ram.total_bytes ?? 0) > 0);
    await run("stopHive");
    assert.deepEqual(box.programs(), ["queen-rbee"]);
  });

  it("show, pull and verify models by reference and by alias", async () => {
    const { queen } = box;
    const pulled = await all(await queen.stream("pullModel", { body: { model: "bee" } }));
    const last = pulled.at(-1);
    assert.equal(last?.type === "done" && last.model.reference, "hello-bee");
    const { models } = await queen.call("listModels");
    assert.ok(models.some(({ reference }) => reference === "hello-bee"));
    const one = await queen.call("getModel", { params: { id: "bee" } });
    assert.equal(one.reference, "hello-bee");
    const verified = await all(await queen.stream("verifyModels", { body: { model: "bee" } }));
    assert.deepEqual(verified.at(-1), { type: "done", done: true, checked: 1, bad: 0 });
    const params = { id: "nothing" };
    await assert.rejects(queen.call("getModel", { params }), isCode("MODEL_NOT_FOUND"));
    await assert.rejects(queen.call("deleteModel", { params }), isCode("MODEL_NOT_FOUND"));
  });

  it("know what models a node has from its own word, whoever changed that", async () => {
    const { queen, box: machine } = box;
    const file = "hello-bee-3m-q8_0.gguf";
    const source = join(machine.installation.models, "hello-bee", file);
    await hub.publish({ name: "bees/news", files: { [file]: { path: source } } });
    // From what the queen knows, without a question to any hive.
    const isKnown = async () => {
      const { data } = await queen.call("listOpenAiModels");
      return data.some(({ id }) => id === "hf:bees/news");
    };
    await all(await queen.stream("startHive", { body: {} }));
    const hive = machine.hive();
    const body = { model_ref: "hf:bees/news" };
    const { download_id: id } = await hive.call("downloadModel", { body });
    await all(await hive.stream("downloadProgress", { query: { id } }));
    await eventually(isKnown, { timeoutMs: 2000, what: "the news of a download" });
    const { models } = await hive.call("listModels");
    const pulled = models.find(({ reference }) => reference === "hf:bees/news");
    await hive.call("deleteModel", { params: { id: pulled?.id ?? "" } });
    await eventually(async () => !(await isKnown()), { timeoutMs: 2000, what: "the news of rm" });
  });

  it("spawn a worker ahead of time and shut it down again", async () => {
    const { queen } = box;
    const body = { model: "bee", slots: 2 };
    const events = await all(await queen.stream("spawnWorker", { body }));
    const last = events.at(-1);
    assert.ok(last?.type === "done", JSON.stringify(last));
    const { worker } = last;
    assert.deepEqual([worker.node, worker.slots_total, worker.state], ["localhost", 2, "idle"]);
    const health = await queen.call("workersHealth");
    assert.deepEqual(health.workers, [
      { worker_id: worker.worker_id, node: "localhost", state: "idle", ready: true },
    ]);
    await queen.call("shutdownWorker", { body: { worker_id: worker.worker_id } });
    await eventually(async () => (await queen.call("listWorkers")).workers.length === 0);
    const again = queen.call("shutdownWorker", { body: { worker_id: worker.worker_id } });
    await assert.rejects(again, isCode("WORKER_NOT_FOUND"));
  });

  it("read its own log, a node's, and a worker's, also when no hive runs", async () => {
    const { queen } = box;
    const linesOf = async (query: { node?: string; worker?: string; lines?: number }) => {
      const events = await all<LogEvent>(await queen.stream("logs", { query }));
      assert.equal(events.at(-1)?.type, "done");
      return events.flatMap((event) => (event.type === "log" ? [event] : []));
    };
    const own = await linesOf({ lines: 5 });
    assert.deepEqual([own.length, own[0]?.source], [5, "queen.log"]);
    const hive = await linesOf({ node: "localhost" });
    assert.ok(hive.some(({ source, node }) => source === "hive.log" && node === "localhost"));
    const unknown = queen.stream("logs", { query: { worker: "worker-none" } });
    await assert.rejects(unknown, isCode("WORKER_NOT_FOUND"));
    await all(await queen.stream("stopHive", { body: {} }));
    writeFileSync(join(box.box.rbeeHome, "logs/worker-worker-old.log"), "its last words\n");
    const old = await linesOf({ worker: "worker-old" });
    assert.deepEqual(
      old.map(({ line, node }) => [line, node]),
      [["its last words", "localhost"]],
    );
    const none = queen.stream("logs", { query: { worker: "worker-none" } });
    await assert.rejects(none, isCode("WORKER_NOT_FOUND"));
  });

  it("follow its log", async () => {
    const control = new AbortController();
    const query = { follow: "true", lines: 0 } as const;
    const stream = await box.queen.stream("logs", { query, signal: control.signal });
    const seen: string[] = [];
    const reading = (async () => {
      for await (const event of stream) if (event.type === "log") seen.push(event.line);
    })().catch(() => {});
    await eventually(async () => {
      await assert.rejects(box.ask({ model: "gpt" }).ended);
      return seen.some((line) => line.includes("INVALID_MODEL_REF"));
    });
    control.abort();
    await reading;
  });

  it("examine the machine", async () => {
    const { findings, node } = await box.queen.call("doctor");
    assert.equal(node, "localhost");
    const checks = findings.map(({ check, status }) => `${check} ${status}`);
    for (const check of ["queen ok", "hive ok"]) assert.ok(checks.includes(check), checks.join());
    assert.ok(findings.some(({ check }) => check === "memory"));
  });

  it("report settings with their sources, and metrics", async () => {
    const { settings, config_file: file } = await box.queen.call("settings");
    assert.equal(file, box.box.configFile);
    const find = (name: string) => settings.find((setting) => setting.name === name);
    assert.deepEqual(find("queen.port"), {
      name: "queen.port",
      value: box.box.queenPort,
      source: "file",
    });
    assert.deepEqual(find("timeouts.inference")?.source, "default");
    assert.equal(find("aliases.bee")?.value, "hello-bee");
    const metrics = await (await fetch(`http://127.0.0.1:${box.box.queenPort}/metrics`)).text();
    for (const name of [
      "queue_length",
      "hives_reachable",
      "relayed_tokens_total",
      "open_streams",
    ]) {
      assert.match(metrics, new RegExp(`^rbee_queen_${name}\\{`, "m"));
    }
  });

  it("show the whole state live", async () => {
    const control = new AbortController();
    const seen: QueenEvent[] = [];
    const watching = (async () => {
      const stream = await box.queen.stream("events", { signal: control.signal });
      for await (const event of stream) seen.push(event);
    })().catch(() => {});
    await box.ask({ max_tokens: 30 }).ended;
    const states = () => seen.flatMap((event) => (event.type === "state" ? [event] : []));
    await eventually(() => states().at(-1)?.tasks[0]?.phase === "done");
    await eventually(() => states().at(-1)?.workers[0]?.state === "idle");
    const phases = states().map(({ tasks }) => tasks[0]?.phase);
    assert.ok(phases.includes("inferring"), phases.join());
    assert.equal(states().at(-1)?.nodes[0]?.status, "reachable");
    assert.ok(states().length < 40, `${states().length} states for one task`);
    control.abort();
    await watching;
  });

  it("refuse a key that is missing or wrong, once one is configured", async () => {
    const file = join(box.box.root, "queen.key");
    writeFileSync(file, "0123456789abcdef-key\n", { mode: 0o600 });
    await using guarded = await openQueen({ settings: { queen: { api_key_file: file } } });
    await assert.rejects(guarded.queen.call("listTasks"), isCode("MISSING_API_KEY"));
    const ask = (key: string) =>
      fetch(`http://127.0.0.1:${guarded.box.queenPort}/v2/tasks`, {
        headers: { authorization: `Bearer ${key}` },
      });
    assert.equal((await ask("0123456789abcdef-yek")).status, 401);
    assert.equal((await ask("0123456789abcdef-key")).status, 200);
    writeFileSync(file, "another-0123456789abcdef\n", { mode: 0o600 });
    guarded.box.signal(guarded.box.queenPid() ?? 0, "SIGHUP");
    await eventually(async () => (await ask("another-0123456789abcdef")).status === 200);
    assert.equal((await ask("0123456789abcdef-key")).status, 401);
  });
});
