import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { EmbeddingsResult, WorkerReadiness } from "@rbee/contract";
import {
  endless,
  errorOf,
  readEvents,
  startTestWorker,
  waitForEvent,
  writeBert,
  writeRamblingModel,
} from "../../test/worker-fixture.ts";
import type { TestWorker } from "../../test/worker-fixture.ts";

const angle = (left: readonly number[], right: readonly number[]) => {
  const dot = left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);
  return dot / (Math.hypot(...left) * Math.hypot(...right));
};

describe("embeddings", () => {
  let worker: TestWorker;
  before(async () => {
    worker = await startTestWorker({ slots: 1 });
  });
  after(async () => await worker[Symbol.asyncDispose]());

  it("has one vector per text, the same for the same text", async () => {
    const input = ["a bee in a hive", "a bee in a hive", "grey rain on the town"];
    const response = await worker.ask("embed", { body: { input } });
    const { embeddings, prompt_tokens: tokens } = EmbeddingsResult.parse(await response.json());
    const [first = [], second = [], third = []] = embeddings;
    assert.equal(embeddings.length, 3);
    assert.ok(angle(first, second) > 0.999);
    assert.ok(angle(first, third) < 0.999);
    assert.ok(tokens > 6);
  });

  it("takes a single text, too", async () => {
    const response = await worker.ask("embed", { body: { input: "bee" } });
    assert.equal(EmbeddingsResult.parse(await response.json()).embeddings.length, 1);
  });

  it("refuses a text that does not fit, and no texts at all", async () => {
    const long = await worker.ask("embed", { body: { input: "bee ".repeat(2000) } });
    await errorOf(long, "CONTEXT_EXCEEDED");
    await errorOf(await worker.ask("embed", { body: { input: [] } }), "INVALID_REQUEST");
    assert.equal(await worker.countBusySlots(), 0);
  });

  it("ends at its deadline", async () => {
    const headers = { "x-request-deadline": new Date(Date.now() + 50).toISOString() };
    const input = Array.from({ length: 256 }, () => "bee ".repeat(250));
    await errorOf(await worker.ask("embed", { body: { input }, headers }), "REQUEST_TIMEOUT");
    assert.equal(await worker.countBusySlots(), 0);
  });
});

describe("the length of a vector", () => {
  it("is one, whatever model it is from", async () => {
    for (const modelPath of [undefined, writeBert("embed")]) {
      await using worker = await startTestWorker(modelPath === undefined ? {} : { modelPath });
      const response = await worker.ask("embed", { body: { input: ["the bee", "grey rain"] } });
      const { embeddings } = EmbeddingsResult.parse(await response.json());
      assert.equal(embeddings.length, 2);
      for (const vector of embeddings) assert.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-6);
    }
  });
});

describe("a model that was made to embed", () => {
  let worker: TestWorker;
  before(async () => {
    worker = await startTestWorker({ modelPath: writeBert("embed"), slots: 2 });
  });
  after(async () => await worker[Symbol.asyncDispose]());

  it("counts every token that it reads, and reads as many as it can", async () => {
    const one = await worker.ask("embed", { body: { input: "the bee makes honey" } });
    // Four words between two marks.
    assert.equal(EmbeddingsResult.parse(await one.json()).prompt_tokens, 6);
    const most = await worker.ask("embed", { body: { input: "bee ".repeat(126) } });
    assert.equal(EmbeddingsResult.parse(await most.json()).prompt_tokens, 128);
    const more = await worker.ask("embed", { body: { input: ["bee", "bee ".repeat(127)] } });
    const { details } = await errorOf(more, "CONTEXT_EXCEEDED");
    assert.deepEqual([details["prompt_tokens"], details["context"]], [129, 128]);
  });

  it("says what it cannot do, by name, and keeps no slot", async () => {
    const generation = await worker.ask("infer", { body: { prompt: "Once" } });
    assert.equal(generation.status, 400);
    const { details } = await errorOf(generation, "CAPABILITY_MISSING");
    assert.deepEqual(details, { capability: "generation" });
    const ranking = await worker.ask("rerank", { body: { query: "a", documents: ["b"] } });
    assert.equal((await errorOf(ranking, "CAPABILITY_MISSING")).details["capability"], "rerank");
    assert.equal(await worker.countBusySlots(), 0);
    const ready = WorkerReadiness.parse(await (await worker.ask("ready")).json());
    assert.deepEqual(ready.ready && ready.capabilities, {
      generation: false,
      chat: false,
      tools: null,
      embeddings: true,
      rerank: false,
      vision: false,
    });
  });
});

describe("embeddings of a worker that has no time for them", () => {
  it("are refused while every slot is taken", async () => {
    await using worker = await startTestWorker({
      slots: 1,
      modelPath: await writeRamblingModel(),
    });
    const events = readEvents(await worker.ask("infer", { body: endless }));
    await waitForEvent(events, "token");
    const response = await worker.ask("embed", { body: { input: "bee" } });
    assert.equal(response.status, 503);
    await errorOf(response, "ALL_SLOTS_BUSY");
    await events.return();
  });

  it("are refused while the model loads", async () => {
    await using worker = await startTestWorker({ isLoaded: false });
    const response = await worker.ask("embed", { body: { input: "bee" } });
    assert.equal(response.status, 503);
    await errorOf(response, "WORKER_NOT_READY");
  });

  it("fail when the engine is gone", async () => {
    await using worker = await startTestWorker();
    const engine = await worker.engine();
    await engine.close();
    await errorOf(await worker.ask("embed", { body: { input: "bee" } }), "INFERENCE_FAILED");
    assert.equal(await worker.countBusySlots(), 0);
  });
});
