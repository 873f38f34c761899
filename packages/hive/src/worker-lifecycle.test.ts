import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import type { HiveEvent } from "@rbee/contract";
import { createWorkerClient } from "@rbee/sdk";
import { eventually } from "@rbee/testkit";
import { openScriptedHive } from "./scripted-hive-fixture.ts";
import type { ScriptedHive } from "./scripted-hive-fixture.ts";

type Gone = Extract<HiveEvent, { type: "worker-gone" }>;

/** Everything that the hive tells a queen from now on. */
async function listen(scripted: ScriptedHive): Promise<HiveEvent[]> {
  const heard: HiveEvent[] = [];
  const events = await scripted.hive.stream("events", { query: { queen: "queen-of-this-test" } });
  void (async () => {
    for await (const event of events) heard.push(event);
  })().catch(() => {});
  await eventually(() => heard.length > 0);
  return heard;
}

function waitForGone(heard: readonly HiveEvent[]): Promise<Gone> {
  return eventually(() => heard.find((event): event is Gone => event.type === "worker-gone"), {
    what: "the end of a worker",
  });
}

async function startInference(scripted: ScriptedHive, workerId: string, tokens: number) {
  const { url, api_key: key } = await scripted.hive.call("workerAccess", {
    params: { id: workerId },
  });
  const body = { prompt: "hello", max_tokens: tokens };
  return createWorkerClient({ baseUrl: url, key: () => key }).stream("infer", { body });
}

describe("a worker that crashes", () => {
  it("is told of at once, logged, and started again when it was in demand", async () => {
    await using scripted = await openScriptedHive([]);
    const heard = await listen(scripted);
    const worker = await scripted.bringUp({ slots: 2 });
    scripted.box.signal(Number(worker.pid), "SIGKILL");
    const gone = await waitForGone(heard);
    assert.equal(gone.worker_id, worker.id);
    assert.equal(gone.reason, "crashed");
    assert.equal(gone.signal, "SIGKILL");
    const next = await eventually(async () =>
      (await scripted.workers()).find(({ state }) => state === "idle"),
    );
    assert.notEqual(next.id, worker.id);
    assert.equal(next.restart_count, 1);
    assert.equal(next.slots_total, 2);
    const log = readFileSync(join(scripted.box.rbeeHome, "logs/hive.log"), "utf8");
    assert.match(log, new RegExp(`${worker.id} crashed with SIGKILL`));
  });

  it("need not be waited for when somebody asks for it in the meantime", async () => {
    await using scripted = await openScriptedHive([]);
    const worker = await scripted.bringUp();
    scripted.box.signal(Number(worker.pid), "SIGKILL");
    await eventually(async () => (await scripted.workers()).length === 0);
    const askedAt = performance.now();
    const next = await scripted.bringUp();
    assert.equal(next.restart_count, 1);
    assert.ok(performance.now() - askedAt < 5000);
    assert.equal((await scripted.workers()).length, 1);
  });

  it("opens the circuit of its model with the fifth crash", async () => {
    await using scripted = await openScriptedHive(["--die-at-layer", "1"]);
    for (let crash = 1; crash <= 5; crash += 1) {
      const last = (await scripted.story(await scripted.spawn())).at(-1);
      assert.equal(last?.type === "error" && last.error.code, "WORKER_STARTUP_FAILED");
    }
    await assert.rejects(scripted.spawn(), (error) => {
      assert.ok(RbeeError.is(error, "CIRCUIT_OPEN"));
      assert.equal(error.details.crashes, 5);
      return true;
    });
  });
});

describe("a worker that has nothing to do", () => {
  it("gives its memory back after the idle time, and a request begins it anew", async () => {
    const timeouts = { idle_worker: 1, idle_check: 0.1, health_interval: 0.1 };
    await using scripted = await openScriptedHive(["--token-ms", "20"], { timeouts });
    const heard = await listen(scripted);
    const worker = await scripted.bringUp();
    const stream = await startInference(scripted, worker.id, 75);
    const types: string[] = [];
    for await (const event of stream) types.push(event.type);
    assert.equal(types.at(-1), "done");
    const endedAt = performance.now();
    const gone = await waitForGone(heard);
    const quietMs = performance.now() - endedAt;
    assert.equal(gone.reason, "idle");
    assert.equal(gone.exit_code, 0);
    // Health was asked ten times a second all the while and refreshed nothing.
    assert.ok(quietMs > 700 && quietMs < 4000, `gone after ${quietMs} ms`);
    assert.deepEqual(await scripted.workers(), []);
    assert.equal((await scripted.hive.call("health")).status, "alive");
  });
});

describe("a worker that answers no more", () => {
  it("is removed after three silences, and its halted process is ended", async () => {
    const timeouts = { health_interval: 0.2, health_timeout: 0.2 };
    await using scripted = await openScriptedHive([], { timeouts });
    const heard = await listen(scripted);
    const worker = await scripted.bringUp();
    await eventually(async () => (await scripted.workers())[0]?.last_seen != null);
    const pid = Number(worker.pid);
    scripted.box.signal(pid, "SIGSTOP");
    const gone = await waitForGone(heard);
    assert.equal(gone.reason, "unresponsive");
    assert.deepEqual(await scripted.workers(), []);
    const isRunning = () => scripted.box.processes().some((entry) => entry.pid === pid);
    await eventually(() => !isRunning(), { what: "the end of the halted process" });
  });
});

describe("the stop of a worker", () => {
  it("lets the running request finish and answers when the worker is gone", async () => {
    await using scripted = await openScriptedHive(["--token-ms", "20"]);
    const worker = await scripted.bringUp();
    const stream = await startInference(scripted, worker.id, 40);
    const first = await stream.next();
    assert.equal(first.value?.type, "started");
    const stopped = scripted.hive.call("stopWorker", { params: { id: worker.id } });
    const types: string[] = [];
    for await (const event of stream) types.push(event.type);
    assert.equal(types.at(-1), "done");
    await stopped;
    assert.deepEqual(await scripted.workers(), []);
    await assert.rejects(scripted.hive.call("stopWorker", { params: { id: worker.id } }), (error) =>
      RbeeError.is(error, "WORKER_NOT_FOUND"),
    );
  });

  it("of a whole hive takes all workers at once and counts who had to be forced", async () => {
    const settings = { timeouts: { shutdown: 6 } };
    await using scripted = await openScriptedHive([], settings);
    await scripted.bringUp({ slots: 1 });
    scripted.script(["--ignore-stop"]);
    await scripted.bringUp({ slots: 2 });
    scripted.script([]);
    await scripted.bringUp({ slots: 3 });
    const heard = await listen(scripted);
    const pid = Number(scripted.box.hivePid());
    await scripted.hive.call("shutdown");
    await eventually(() => scripted.box.processes().length === 0);
    assert.equal(scripted.box.hivePid(), undefined);
    const told = heard.flatMap((event) => (event.type === "narration" ? [event.human] : []));
    assert.ok(told.includes("2/3 stopped"), told.join("; "));
    assert.ok(told.includes("3/3 stopped: 2 graceful, 1 forced"), told.join("; "));
    assert.ok(!scripted.box.processes().some((entry) => entry.pid === pid));
  });
});
