import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { RerankResult } from "@rbee/contract";
import { errorOf, startTestWorker, writeBert } from "../../test/worker-fixture.ts";
import type { TestWorker } from "../../test/worker-fixture.ts";

const query = "the bee";
const documents = ["honey", "grey rain in town", "the queen of the hive", "honey"];

describe("ranking", () => {
  let worker: TestWorker;
  before(async () => {
    worker = await startTestWorker({ modelPath: writeBert("rank"), slots: 2 });
  });
  after(async () => await worker[Symbol.asyncDispose]());

  it("judges each document, in their order, the same document the same way", async () => {
    const response = await worker.ask("rerank", { body: { query, documents } });
    const { results, prompt_tokens: tokens } = RerankResult.parse(await response.json());
    assert.deepEqual(
      results.map(({ index }) => index),
      [0, 1, 2, 3],
    );
    const scores = results.map(({ relevance_score: score }) => score);
    assert.ok(scores.every((score) => score > 0 && score < 1));
    assert.equal(new Set(scores).size, 3, "different documents have different scores");
    assert.equal(scores[0], scores[3]);
    assert.ok(tokens > 4 * 6);
  });

  it("judges the pair: the other query gives another score", async () => {
    const read = async (asked: string) => {
      const body = { query: asked, documents: ["honey"] };
      return RerankResult.parse(await (await worker.ask("rerank", { body })).json()).results[0];
    };
    assert.notEqual(
      (await read("the bee"))?.relevance_score,
      (await read("rain"))?.relevance_score,
    );
  });

  it("refuses a pair that does not fit, and wrong fields", async () => {
    const long = { query, documents: ["honey", "bee ".repeat(125)] };
    const { details } = await errorOf(
      await worker.ask("rerank", { body: long }),
      "CONTEXT_EXCEEDED",
    );
    assert.equal(details["context"], 128);
    const none = { query: "", documents: [] };
    const refused = await errorOf(await worker.ask("rerank", { body: none }), "INVALID_REQUEST");
    const fields = (refused.details["errors"] as { field: string }[]).map(({ field }) => field);
    assert.deepEqual(fields.toSorted(), ["documents", "query"]);
    assert.equal(await worker.countBusySlots(), 0);
  });

  it("does nothing else, and says so by name", async () => {
    const embedding = await worker.ask("embed", { body: { input: "bee" } });
    const { details } = await errorOf(embedding, "CAPABILITY_MISSING");
    assert.deepEqual(details, { capability: "embeddings" });
    const chat = { messages: [{ role: "user", content: "Hello" }] };
    await errorOf(await worker.ask("infer", { body: chat }), "CAPABILITY_MISSING");
  });

  it("ends at its deadline, between two documents", async () => {
    const headers = { "x-request-deadline": new Date(Date.now() + 30).toISOString() };
    const body = { query, documents: Array.from({ length: 256 }, () => "bee ".repeat(110)) };
    await errorOf(await worker.ask("rerank", { body, headers }), "REQUEST_TIMEOUT");
    assert.equal(await worker.countBusySlots(), 0);
  });
});

describe("ranking by a model that chats", () => {
  it("is refused by name", async () => {
    await using worker = await startTestWorker();
    const response = await worker.ask("rerank", { body: { query, documents } });
    assert.equal(response.status, 400);
    const { details } = await errorOf(response, "CAPABILITY_MISSING");
    assert.deepEqual(details, { capability: "rerank" });
  });
});
