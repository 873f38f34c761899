import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { EmbeddingsResult } from "@rbee/contract";
import {
  endless,
  errorOf,
  readEvents,
  startTestWorker,
  waitForEvent,
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
