// Embeddings and rerank through a running queen, by models that were made for them.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { eventually, writeBertModel } from "@rbee/testkit";
import OpenAI from "openai";
import { openOpenAiBox } from "./openai-fixture.ts";
import type { OpenAiBox } from "./openai-fixture.ts";

interface Rerank {
  readonly id: string;
  readonly results: readonly {
    readonly index: number;
    readonly relevance_score: number;
    readonly document?: { readonly text: string };
  }[];
  readonly usage: { readonly prompt_tokens: number; readonly total_tokens: number };
}

const documents = ["the bee makes honey", "rain in town", "the queen of the hive", "grey flower"];

describe("vectors and ranks", () => {
  let opened: OpenAiBox;
  let models: { readonly embed: string; readonly rank: string };
  before(async () => {
    opened = await openOpenAiBox();
    const write = (purpose: "embed" | "rank") => {
      const path = join(opened.box.root, `${purpose}.gguf`);
      writeBertModel(path, { name: purpose, purpose });
      return `file:${path}`;
    };
    models = { embed: write("embed"), rank: write("rank") };
  });
  after(() => opened.box.close());

  async function rank(body: object): Promise<Rerank> {
    const answer = await opened.post("/v1/rerank", { model: models.rank, ...body });
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    assert.ok(answer.headers.get("x-rbee-worker"));
    return JSON.parse(text) as Rerank;
  }

  it("come from a model for embeddings, in the order of the texts", async () => {
    const { client } = opened;
    const ask = (input: string | string[]) =>
      client.embeddings.create({ model: models.embed, input, encoding_format: "float" });
    const all = await ask(documents);
    assert.equal(all.data.length, 4);
    const single = await ask(documents[2] ?? "");
    const [left = [], right = []] = [all.data[2]?.embedding, single.data[0]?.embedding];
    assert.ok(left.length > 0);
    assert.ok(left.every((value, at) => Math.abs(value - (right[at] ?? 9)) < 1e-4));
    await assert.rejects(
      client.completions.create({ model: models.embed, prompt: "Once" }),
      (error) => error instanceof OpenAI.BadRequestError && error.code === "CAPABILITY_MISSING",
    );
  });

  it("put documents in the order of their relevance, and cut where they are told", async () => {
    const all = await rank({ query: "honey", documents });
    assert.match(all.id, /^rerank-/);
    const scores = all.results.map(({ relevance_score: score }) => score);
    assert.deepEqual(
      scores,
      scores.toSorted((left, right) => right - left),
    );
    assert.deepEqual(new Set(all.results.map(({ index }) => index)), new Set([0, 1, 2, 3]));
    assert.ok(all.results.every((result) => !("document" in result)));
    assert.ok(all.usage.prompt_tokens > 4);
    const best = await rank({
      query: "honey",
      documents: documents.map((text) => ({ text })),
      top_n: 2,
      return_documents: true,
    });
    assert.deepEqual(
      best.results.map(({ index, document }) => [index, document?.text]),
      all.results.slice(0, 2).map(({ index }) => [index, documents[index]]),
    );
  });

  it("are refused by a model that cannot, with its name", async () => {
    const answer = await opened.post("/v1/rerank", { model: "bee", query: "honey", documents });
    assert.equal(answer.status, 400);
    const { error } = (await answer.json()) as { error: { code: string; details: object } };
    assert.deepEqual([error.code, error.details], ["CAPABILITY_MISSING", { capability: "rerank" }]);
    const wrong = await opened.post("/v1/rerank", { model: models.rank, query: "", documents: [] });
    const { error: fields } = (await wrong.json()) as { error: { details: { errors: object[] } } };
    assert.deepEqual(
      fields.details.errors.map((entry) => (entry as { field: string }).field),
      ["query", "documents"],
    );
  });

  it("are tasks: they can be cancelled, and keep a deadline", async () => {
    const { box } = opened;
    const input = Array.from({ length: 256 }, (_nothing, index) => `the bee ${index} `.repeat(12));
    const asked = opened.post("/v1/embeddings", { model: models.embed, input });
    const running = async () => {
      const { tasks } = await box.queen().call("listTasks");
      return tasks.find(({ phase }) => phase === "inferring");
    };
    const task = await eventually(running);
    await box.queen().call("cancelTask", { params: { task_id: task.task_id } });
    const answer = await asked;
    assert.equal(answer.status, 499);
    const { error } = (await answer.json()) as { error: { code: string } };
    assert.equal(error.code, "REQUEST_CANCELED");
    const headers = { "x-request-deadline": new Date(Date.now() + 50).toISOString() };
    const late = await opened.post("/v1/embeddings", { model: models.embed, input }, { headers });
    assert.equal(late.status, 408);
    await eventually(async () => {
      const { workers } = await box.queen().call("listWorkers");
      return workers.every((worker) => worker.slots_available === worker.slots_total);
    });
  });

  it("end with what happened when their worker dies over them", async () => {
    const { box } = opened;
    const input = Array.from({ length: 256 }, (_nothing, index) => `the bee ${index} `.repeat(12));
    const asked = opened.post("/v1/embeddings", { model: models.embed, input });
    const { pid } = await eventually(async () => {
      const { workers } = await box.queen().call("listWorkers");
      return workers.find((worker) => worker.slots_available < worker.slots_total);
    });
    box.signal(pid ?? 0, "SIGKILL");
    const answer = await asked;
    const { error } = (await answer.json()) as { error: { code: string; details: object } };
    assert.deepEqual([answer.status, error.code], [502, "SSE_CLOSED"]);
    assert.equal((error.details as { signal: string }).signal, "SIGKILL");
  });
});
