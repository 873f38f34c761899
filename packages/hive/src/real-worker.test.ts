import assert from "node:assert/strict";
import { copyFileSync, existsSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { DevicesOnWire, HiveEvent, HiveSpawnEvent, RbeeError } from "@rbee/contract";
import { createWorkerClient } from "@rbee/sdk";
import { createBox, eventually } from "@rbee/testkit";

// The same hive with the worker that is installed: llama.cpp and the bundled model.
describe("a hive with the real worker", () => {
  it("brings hello-bee into memory, watches it work, and gives the memory back", async () => {
    await using box = await createBox({ environment: { HF_TOKEN: "hf_of_the_hive_alone" } });
    await box.startHiveAsOperator();
    const hive = box.hive();
    const body = { model_ref: "hello-bee", slots: 1 };
    const { worker_id: id } = await hive.call("spawnWorker", { body });
    const types: string[] = [];
    for await (const event of await hive.stream("workerEvents", { params: { id } })) {
      types.push(HiveSpawnEvent.parse(event).type);
    }
    assert.equal(types.at(-1), "done");
    const events = await hive.stream("events", { query: {} });
    const snapshot = HiveEvent.parse((await events.next()).value);
    assert.equal(snapshot.type === "snapshot" && snapshot.workers[0]?.state, "idle");
    const states: string[] = [];
    const watching = (async () => {
      for await (const event of events) {
        const known = HiveEvent.parse(event);
        if (known.type === "worker") states.push(known.worker.state);
      }
    })().catch(() => {});
    const { url, api_key: key } = await hive.call("workerAccess", { params: { id } });
    const worker = createWorkerClient({ baseUrl: url, key: () => key });
    const result = await worker.call("infer", {
      body: { prompt: "Once upon a time", max_tokens: 5, stream: false },
    });
    assert.equal(result.total_tokens, 5);
    await eventually(() => states.at(-1) === "idle" && states.includes("busy"));
    const [listed] = (await hive.call("listWorkers")).workers;
    assert.ok(Number(listed?.memory_bytes) > 10_000_000);
    assert.ok(listed?.last_activity != null);
    const variables = `/proc/${listed?.pid}/environ`;
    if (existsSync(variables)) assert.doesNotMatch(readFileSync(variables, "utf8"), /HF_TOKEN/);
    await hive.call("stopWorker", { params: { id } });
    assert.deepEqual(await hive.call("listWorkers"), { workers: [] });
    await hive.call("shutdown");
    await watching;
  });

  it("says why a broken file cannot be used, and what devices and models there are", async () => {
    await using box = await createBox();
    await box.startHiveAsOperator();
    const hive = box.hive();
    const { local_path: path } = await hive.call("getModel", { params: { id: "hello-bee" } });
    const broken = join(box.root, "broken.gguf");
    copyFileSync(path, broken);
    truncateSync(broken, 100_000);
    await assert.rejects(
      hive.call("spawnWorker", { body: { model_ref: `file:${broken}` } }),
      (error) => RbeeError.is(error, "INVALID_MODEL_FILE"),
    );
    assert.ok(DevicesOnWire.parse(await hive.call("devices")).backends.includes("cpu"));
    const { models } = await hive.call("listModels");
    assert.ok(models.some(({ reference }) => reference === "hello-bee"));
    const start = await hive.call("downloadModel", { body: { model_ref: "hello-bee" } });
    assert.deepEqual(start, { download_id: "cached", local_path: path });
    const checks: string[] = [];
    for await (const event of await hive.stream("verifyModels", { body: {} })) {
      checks.push(event.type);
    }
    assert.equal(checks.at(-1), "done");
  });
});
