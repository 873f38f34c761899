import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import type { ErrorBody } from "@rbee/contract";
import { eventually } from "@rbee/testkit";
import { openScriptedHive } from "./scripted-hive-fixture.ts";
import type { ScriptedHive } from "./scripted-hive-fixture.ts";

async function refusalOf(promise: Promise<unknown>): Promise<RbeeError> {
  try {
    await promise;
  } catch (error) {
    if (RbeeError.is(error)) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

async function lastErrorOf(scripted: ScriptedHive, workerId: string): Promise<ErrorBody> {
  const last = (await scripted.story(workerId)).at(-1);
  assert.equal(last?.type, "error");
  return last.error;
}

// How long ago something was is another figure for whoever asks later.
function withoutAges<Event extends object>(event: Event): unknown {
  if (!("worker" in event)) return event;
  const { ready_for_ms: _ready, quiet_for_ms: _quiet, ...worker } = event.worker as Ages;
  return { ...event, worker };
}

interface Ages {
  readonly ready_for_ms?: unknown;
  readonly quiet_for_ms?: unknown;
}

describe("a spawn", () => {
  it("is answered once the worker calls back, and told from its beginning to who comes late", async () => {
    await using scripted = await openScriptedHive(["--layer-ms", "20", "--layers", "8"]);
    const { hive, box } = scripted;
    const body = { model_ref: "hello-bee", slots: 2 };
    const answer = await hive.call("spawnWorker", { body });
    assert.match(answer.worker_id, /^worker-[0-9a-f]{6}$/);
    assert.equal(answer.state, "loading");
    assert.equal(answer.url, `http://127.0.0.1:${box.workerPortBase}`);
    const live = await scripted.story(answer.worker_id);
    const late = await scripted.story(answer.worker_id);
    assert.deepEqual(late.map(withoutAges), live.map(withoutAges));
    const layers = live.flatMap((event) =>
      event.type === "progress" && event.stage === "loading_to_vram" ? [event.layers_loaded] : [],
    );
    assert.deepEqual(layers, [1, 2, 3, 4, 5, 6, 7, 8]);
    const told = live.flatMap((event) => (event.type === "narration" ? [event.action] : []));
    assert.deepEqual(told, [
      "model-registered",
      "preflight-passed",
      "worker-starting",
      "worker-registered",
      "worker-ready",
    ]);
    const [worker] = await scripted.workers();
    assert.equal(worker?.state, "idle");
    assert.equal(worker?.slots_total, 2);
    assert.equal(worker?.slots_available, 2);
    const access = await hive.call("workerAccess", { params: { id: answer.worker_id } });
    assert.ok(access.api_key.length >= 32);
  });

  it("joins an equal request that runs and begins a new one for a different request", async () => {
    await using scripted = await openScriptedHive(["--layer-ms", "10"]);
    const same = { slots: 2 };
    const ids = await Promise.all([scripted.spawn(same), scripted.spawn(same), scripted.spawn()]);
    assert.equal(ids[0], ids[1]);
    assert.notEqual(ids[0], ids[2]);
    await Promise.all(ids.map((id) => scripted.story(id)));
    assert.equal((await scripted.workers()).length, 2);
    // What is over is not joined: the person wants another one.
    assert.notEqual(await scripted.spawn(same), ids[0]);
  });

  it("takes the next port when the first is held, and when it is lost at the last moment", async () => {
    await using scripted = await openScriptedHive([]);
    const { workerPortBase } = scripted.box;
    scripted.script(["--taken-port", String(workerPortBase + 1)]);
    const holder = createServer();
    await new Promise<void>((done) => holder.listen(workerPortBase, "127.0.0.1", done));
    try {
      const worker = await scripted.bringUp();
      assert.equal(worker.url, `http://127.0.0.1:${workerPortBase + 2}`);
    } finally {
      holder.close();
    }
  });

  it("keeps the key of a worker out of its command line, its environment and the logs", async () => {
    await using scripted = await openScriptedHive([]);
    const worker = await scripted.bringUp();
    const params = { id: worker.id };
    const { api_key: key } = await scripted.hive.call("workerAccess", { params });
    const logs = join(scripted.box.rbeeHome, "logs");
    const texts = ["cmdline", "environ"].map((name) =>
      readFileSync(`/proc/${worker.pid}/${name}`, "utf8"),
    );
    texts.push(readFileSync(join(logs, `worker-${worker.id}.log`), "utf8"));
    texts.push(readFileSync(join(logs, "hive.log"), "utf8"));
    assert.ok(texts.every((text) => !text.includes(key)));
  });

  it("is refused by name when what is asked for is unknown", async () => {
    await using scripted = await openScriptedHive([]);
    const codes = await Promise.all(
      [
        { model_ref: "no such form" },
        { backend: "steam" },
        { backend: "cuda" },
        { model_ref: "file:/nowhere/at/all.gguf" },
      ].map(async (request) => (await refusalOf(scripted.spawn(request))).code),
    );
    assert.deepEqual(codes, [
      "INVALID_MODEL_REF",
      "INVALID_BACKEND",
      "BACKEND_UNAVAILABLE",
      "MODEL_NOT_FOUND",
    ]);
    assert.deepEqual(await scripted.workers(), []);
  });

  it("books memory that another worker was promised only once", async () => {
    const settings = { hive: { memory_limit_mb: 30 } };
    await using scripted = await openScriptedHive(
      ["--stick-at", "1/2", "--memory-mb", "0"],
      settings,
    );
    const results = await Promise.allSettled(
      [1, 2, 3, 4].map((slots) => scripted.spawn({ slots, context: 256 })),
    );
    const refused = results.filter((result) => result.status === "rejected");
    assert.ok(refused.length > 0 && refused.length < 4, JSON.stringify(results));
    assert.ok(refused.every(({ reason }) => RbeeError.is(reason, "INSUFFICIENT_RAM")));
  });
});

describe("a worker that does not come up", () => {
  it("is reported with its exit code and last lines", async () => {
    await using scripted = await openScriptedHive(["--die-at-start"]);
    const error = await refusalOf(scripted.spawn());
    assert.ok(RbeeError.is(error, "WORKER_STARTUP_FAILED"));
    assert.equal(error.details.exit_code, 3);
    assert.match(error.details.last_lines.join("\n"), /dies at its start/);
    assert.deepEqual(await scripted.workers(), []);
  });

  it("is given up and killed when it says nothing within the limit", async () => {
    const settings = { timeouts: { worker_start: 0.5 } };
    await using scripted = await openScriptedHive(["--silent"], settings);
    const error = await refusalOf(scripted.spawn());
    assert.ok(RbeeError.is(error, "WORKER_STARTUP_FAILED"));
    assert.equal(error.details.exit_code, null);
    assert.ok(error.details.waited_ms >= 500);
    await eventually(async () => (await scripted.workers()).length === 0);
  });

  it("is told by its signal when it dies at layer 28", async () => {
    await using scripted = await openScriptedHive(["--die-at-layer", "28"]);
    const error = await lastErrorOf(scripted, await scripted.spawn());
    assert.equal(error.code, "WORKER_STARTUP_FAILED");
    assert.equal(error.details["signal"], "SIGKILL");
    assert.deepEqual(await scripted.workers(), []);
  });

  it("passes on why its model does not load, and that is no crash", async () => {
    await using scripted = await openScriptedHive(["--refuse-model", "--layers", "2"]);
    for (let times = 0; times < 6; times += 1) {
      const error = await lastErrorOf(scripted, await scripted.spawn());
      assert.equal(error.code, "INVALID_MODEL_FILE");
    }
  });

  it("is killed at the limit of loading, stuck or halted, with the layer it reached", async () => {
    const settings = { timeouts: { model_load: 4 } };
    await using scripted = await openScriptedHive(["--stick-at", "28/32"], settings);
    const workerId = await scripted.spawn();
    const [worker] = await scripted.workers();
    for await (const event of await scripted.hive.stream("workerEvents", {
      params: { id: workerId },
    })) {
      const isLoading = event.type === "progress" && event.stage === "loading_to_vram";
      if (isLoading && event.layers_loaded >= 1) break;
    }
    scripted.box.signal(Number(worker?.pid), "SIGSTOP");
    const error = await lastErrorOf(scripted, workerId);
    assert.equal(error.code, "LOADING_TIMEOUT");
    assert.ok(Number(error.details["layers_loaded"]) >= 1);
    assert.equal(error.details["layers_total"], 32);
    await eventually(async () => (await scripted.workers()).length === 0);
  });

  it("can be stopped while it loads, and the story says so", async () => {
    await using scripted = await openScriptedHive(["--stick-at", "3/32"]);
    const workerId = await scripted.spawn();
    await scripted.hive.call("stopWorker", { params: { id: workerId } });
    assert.deepEqual(await scripted.workers(), []);
    assert.equal((await lastErrorOf(scripted, workerId)).code, "REQUEST_CANCELED");
  });
});
