// What OpenAI's client hides: the bytes of answers while a model loads, a turn is waited for, or
// something breaks. The worker is the testkit's scripted one.

import assert from "node:assert/strict";
import { request } from "node:http";
import { describe, it } from "node:test";
import { eventually } from "@rbee/testkit";
import OpenAI from "openai";
import { openClient, readWire } from "./openai-fixture.ts";
import { openQueen } from "./scripted-queen-fixture.ts";
import type { QueenInBox } from "./scripted-queen-fixture.ts";

const chat = { model: "hello-bee", messages: [{ role: "user", content: "Hi" }], max_tokens: 4 };

// From nothing to a worker, on a machine that has other things to do.
const cold = { timeoutMs: 60_000 };

function urlOf({ box }: QueenInBox): string {
  return `http://127.0.0.1:${box.queenPort}`;
}

function post(box: QueenInBox, body: object, init: RequestInit = {}): Promise<Response> {
  const url = `${urlOf(box)}/v1/chat/completions`;
  return fetch(url, { method: "POST", body: JSON.stringify(body), ...init });
}

interface Interim {
  readonly statuses: readonly number[];
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly status: number;
}

/** Asks over plain HTTP and keeps the interim responses that come before the answer. */
function askPlainly(
  box: QueenInBox,
  body: object,
  headers: Record<string, string> = {},
): Promise<Interim> {
  const statuses: number[] = [];
  let told: Interim["headers"] = {};
  return new Promise((resolve, reject) => {
    const sent = request(`${urlOf(box)}/v1/chat/completions`, { method: "POST", headers });
    sent.on("information", (information) => {
      statuses.push(information.statusCode);
      told = information.headers;
    });
    sent.on("response", (response) => {
      response.resume();
      response.on("end", () =>
        resolve({ statuses, headers: told, status: response.statusCode ?? 0 }),
      );
    });
    sent.on("error", reject);
    sent.end(JSON.stringify(body));
  });
}

async function phases(box: QueenInBox): Promise<string[]> {
  return (await box.queen.call("listTasks")).tasks.map(({ phase }) => phase);
}

describe("the OpenAI API on the wire", () => {
  it("heads a stream at once and keeps it alive while a cold model loads", async () => {
    await using box = await openQueen({ script: ["--layers", "26", "--layer-ms", "100"] });
    const startedAt = performance.now();
    const response = await post(box, { ...chat, stream: true });
    const headAfterMs = performance.now() - startedAt;
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
    assert.match(response.headers.get("x-rbee-task-id") ?? "", /^chatcmpl-/);
    assert.equal(response.headers.get("x-rbee-node"), "localhost");
    assert.equal(response.headers.get("x-rbee-worker"), null, "nobody knows it yet");
    assert.ok(response.headers.get("x-correlation-id"));
    const text = await response.text();
    assert.ok(headAfterMs < performance.now() - startedAt - 1000, "the head did not wait");
    const { comments, events, last } = readWire(text);
    assert.ok(comments.includes("keep-alive"));
    const placed = JSON.parse(comments.find((line) => line.startsWith("{")) ?? "{}") as object;
    const [worker] = (await box.queen.call("listWorkers")).workers;
    assert.equal((placed as { worker_id?: string }).worker_id, worker?.worker_id);
    assert.ok(!text.includes("narration"), "nobody asked for the story");
    assert.ok(events.every((event) => event["object"] === "chat.completion.chunk"));
    assert.equal(last, "[DONE]");
    const warm = await post(box, { ...chat, stream: true });
    assert.equal(warm.headers.get("x-rbee-worker"), worker?.worker_id);
    assert.deepEqual(readWire(await warm.text()).comments, []);
  });

  it("tells the story in comments that OpenAI's client skips", async () => {
    await using box = await openQueen({ script: [] });
    const body = { ...chat, stream: true, rbee: { narration: true } };
    const { comments, events } = readWire(await (await post(box, body)).text());
    const story = comments
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as { type: string; actor?: string; stage?: string });
    assert.equal(story[0]?.type, "accepted");
    assert.ok(story.some(({ actor }) => actor === "rbee-hive"));
    assert.ok(story.some(({ stage }) => stage === "loading_to_vram"));
    assert.ok(events.every((event) => "choices" in event));
    const stream = await openClient(urlOf(box)).chat.completions.create(body as never);
    let chunks = 0;
    for await (const chunk of stream as unknown as AsyncIterable<{ choices: unknown[] }>) {
      assert.equal(chunk.choices.length, 1);
      chunks += 1;
    }
    assert.ok(chunks >= 4);
  });

  it("tells who waits for one JSON answer that it is worked on", async () => {
    await using box = await openQueen({ script: ["--layers", "10", "--layer-ms", "50"] });
    const first = await askPlainly(box, chat);
    assert.deepEqual([first.statuses[0], first.status], [102, 200]);
    assert.match(String(first.headers["x-rbee-task-id"]), /^chatcmpl-/);
    const warm = await askPlainly(box, chat);
    assert.deepEqual([warm.statuses, warm.status], [[], 200]);
    await box.queen.call("shutdown");
    await eventually(() => box.programs().length === 0, { timeoutMs: 20_000 });
    await box.box.startQueenAsOperator();
    const client = openClient(urlOf(box));
    const { data, response } = await client.chat.completions.create(chat as never).withResponse();
    assert.equal(response.status, 200, "and fetch knows no other status");
    assert.equal((data as { object: string }).object, "chat.completion");
    assert.ok(response.headers.get("x-rbee-worker"));
  });

  it("keeps the true status of what fails after it was told to wait", async () => {
    await using box = await openQueen({ script: ["--refuse-model"] });
    const failed = await askPlainly(box, chat);
    assert.deepEqual([failed.statuses[0], failed.status], [102, 422]);
    // nginx 1.22 takes the first head that comes for the answer's.
    const proxied = await askPlainly(box, chat, { "x-forwarded-for": "10.0.0.9" });
    assert.deepEqual([proxied.statuses, proxied.status], [[], 422]);
  });

  it("ends a stream that breaks with one error in OpenAI's form", async () => {
    await using box = await openQueen({ script: ["--die-at-token", "3"] });
    const { events, last } = readWire(await (await post(box, { ...chat, stream: true })).text());
    const { error } = events.at(-1) as { error: { code: string; details: object } };
    assert.equal(error.code, "SSE_CLOSED");
    assert.equal((error.details as { tokens_generated: number }).tokens_generated, 3);
    assert.equal(events.filter((event) => "error" in event).length, 1);
    assert.equal(last, "[DONE]");
    const stream = await openClient(urlOf(box)).chat.completions.create({
      model: "hello-bee",
      messages: [{ role: "user", content: "Hi" }],
      stream: true,
    });
    await assert.rejects(
      async () => {
        for await (const _chunk of stream);
      },
      (thrown) => thrown instanceof OpenAI.APIError && thrown.code === "SSE_CLOSED",
    );
  });

  it("tells the place in the queue, refuses when it is full, and lets nobody block it", async () => {
    await using box = await openQueen({
      script: ["--token-ms", "200"],
      settings: { worker: { slots: 1 }, queen: { queue_limit: 1 } },
    });
    const leave = new AbortController();
    const long = await post(box, { ...chat, max_tokens: 200, stream: true }, leave);
    await eventually(async () => (await phases(box)).includes("inferring"), cold);
    const leaveQueue = new AbortController();
    const queued = await post(box, { ...chat, stream: true }, { signal: leaveQueue.signal });
    assert.equal(queued.headers.get("x-rbee-queue-position"), "1");
    const full = await post(box, chat);
    assert.equal(full.status, 503);
    assert.ok(Number(full.headers.get("retry-after")) >= 1);
    const { error } = (await full.json()) as { error: { code: string; type: string } };
    assert.deepEqual([error.code, error.type], ["QUEUE_FULL", "server_error"]);
    leaveQueue.abort();
    await eventually(async () => (await phases(box)).includes("cancelled"), { timeoutMs: 2000 });
    const busy = await post(box, { ...chat, rbee: { wait: false } });
    assert.equal(busy.status, 503);
    const several = await post(box, { ...chat, n: 3 });
    assert.equal(several.status, 503, "all choices or none");
    assert.equal((await phases(box)).filter((phase) => phase === "queued").length, 0);
    leave.abort();
    await long.text().catch(() => {});
    await eventually(async () => !(await phases(box)).includes("inferring"));
    assert.equal((await post(box, chat)).status, 200);
  });

  it("gives a load up when its only client leaves", async () => {
    await using box = await openQueen({ script: ["--layers", "400", "--layer-ms", "50"] });
    const leave = new AbortController();
    const asked = post(box, chat, { signal: leave.signal });
    asked.catch(() => {});
    await eventually(async () => (await phases(box)).includes("loading"), cold);
    leave.abort();
    await eventually(async () => (await phases(box))[0] === "cancelled", { timeoutMs: 2000 });
  });
});
