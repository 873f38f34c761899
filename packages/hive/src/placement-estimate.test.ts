import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RbeeError, sizes } from "@rbee/contract";
import type { HiveClient } from "@rbee/sdk";
import { createWorkerClient } from "@rbee/sdk";
import { createBox, eventually } from "@rbee/testkit";

const wish = { model_ref: "hello-bee", slots: 1 };

async function bringUp(hive: HiveClient): Promise<string> {
  const { worker_id: id } = await hive.call("spawnWorker", { body: wish });
  const types: unknown[] = [];
  for await (const event of await hive.stream("workerEvents", { params: { id } })) {
    types.push(event.type);
  }
  assert.equal(types.at(-1), "done");
  return id;
}

describe("what a hive says of a model before anything is started", () => {
  it("becomes what a worker took once one answered a request, and starts nothing", async () => {
    await using box = await createBox();
    await box.startHiveAsOperator();
    const hive = box.hive();
    const estimate = () => hive.call("estimatePlacement", { body: wish });
    const before = await estimate();
    assert.equal(before.verdict, "fits");
    assert.equal(before.on_disk, true);
    assert.equal(before.measured, false);
    assert.deepEqual(await hive.call("listWorkers"), { workers: [] });
    const id = await bringUp(hive);
    const { url, api_key: key } = await hive.call("workerAccess", { params: { id } });
    const worker = createWorkerClient({ baseUrl: url, key: () => key });
    await worker.call("infer", { body: { prompt: "Once", max_tokens: 2, stream: false } });
    const measured = await eventually(async () => {
      const now = await estimate();
      return now.measured && now;
    });
    const [listed] = (await hive.call("listWorkers")).workers;
    const tookMb = Number(listed?.memory_bytes) / sizes.bytesPerMb;
    // A tenth is added to what one took.
    assert.ok(Math.abs(Number(measured.required_mb) - tookMb * 1.1) < tookMb * 0.1);
    assert.notEqual(measured.required_mb, before.required_mb);
    await hive.call("stopWorker", { params: { id } });
    assert.equal((await estimate()).required_mb, measured.required_mb);
  });

  it("is judged without the workers that are named, which live on", async () => {
    const limits = { hive: { memory_limit_mb: 150 }, worker: { slots: 1 } };
    await using box = await createBox({ settings: limits });
    await box.startHiveAsOperator();
    const hive = box.hive();
    const id = await bringUp(hive);
    const large = { model_ref: "hf:org/elsewhere", size_bytes: 100 * sizes.bytesPerMb };
    const now = await hive.call("estimatePlacement", { body: large });
    assert.equal(now.verdict, "short", JSON.stringify(now));
    assert.equal(now.error?.code, "INSUFFICIENT_RAM");
    const body = { ...large, without: [id] };
    const then = await hive.call("estimatePlacement", { body });
    assert.equal(then.verdict, "fits", JSON.stringify(then));
    assert.ok(Number(then.available_mb) > Number(now.available_mb));
    assert.deepEqual(
      (await hive.call("listWorkers")).workers.map(({ id: known }) => known),
      [id],
    );
  });

  it("is a reason where it would refuse", async () => {
    await using box = await createBox();
    await box.startHiveAsOperator();
    const body = { model_ref: "hello-bee", backend: "cuda" } as const;
    const refused = await box.hive().call("estimatePlacement", { body });
    assert.equal(refused.verdict, "refused");
    assert.equal(refused.error?.code, "BACKEND_UNAVAILABLE");
    await assert.rejects(box.hive().call("spawnWorker", { body }), (error) =>
      RbeeError.is(error, "BACKEND_UNAVAILABLE"),
    );
  });
});
