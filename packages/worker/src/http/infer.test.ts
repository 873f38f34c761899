import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { InferenceResult, temperatureDefault } from "@rbee/contract";
import { eventually } from "@rbee/testkit";
import {
  collectEvents,
  endless,
  errorOf,
  key,
  readEvents,
  startTestWorker,
  waitForEvent,
  writeRamblingModel,
} from "../../test/worker-fixture.ts";
import type { TestWorker } from "../../test/worker-fixture.ts";

const chat = { messages: [{ role: "user", content: "Count to five" }], temperature: 0 };
const isIdle = (worker: TestWorker) => async () => (await worker.countBusySlots()) === 0;

describe("a generation", () => {
  let worker: TestWorker;
  before(async () => {
    worker = await startTestWorker({ slots: 2 });
  });
  after(async () => await worker[Symbol.asyncDispose]());

  it("streams its start, every token with its index, figures and one end", async () => {
    const response = await worker.ask("infer", { body: { ...chat, job_id: "task-1" } });
    assert.equal(response.headers.get("x-rbee-request-id"), "task-1");
    const events = await collectEvents(response);
    const [first, second] = events.filter((event) => event.type !== "narration");
    assert.equal(first?.type === "started" && first.request_id, "task-1");
    assert.deepEqual(second?.type, "token");
    const tokens = events.filter((event) => event.type === "token");
    assert.equal(tokens.map(({ token }) => token).join(""), "One, two, three, four, five.");
    assert.deepEqual(
      tokens.map(({ index }) => index),
      tokens.map((_token, index) => index),
    );
    const done = events.at(-1);
    assert.ok(done?.type === "done");
    assert.equal(done.total_tokens, tokens.length);
    assert.equal(done.stop_reason, "EOS");
    assert.ok((done.time_to_first_token_ms ?? Infinity) <= done.duration_ms);
    assert.ok(events.some((event) => event.type === "metrics" && event.tokens === tokens.length));
  });

  it("tells what happens between its events, under the caller's correlation id", async () => {
    const headers = { "x-correlation-id": "story-1" };
    const events = await collectEvents(await worker.ask("infer", { body: chat, headers }));
    const told = events.filter((event) => event.type === "narration");
    assert.deepEqual(
      told.map(({ action, correlation_id: id }) => [action, id]),
      [
        ["inference-start", "story-1"],
        ["inference-end", "story-1"],
      ],
    );
    assert.ok((told[1]?.tokens_out ?? 0) > 0);
  });

  it("answers with the same text at once when nobody wants a stream", async () => {
    const response = await worker.ask("infer", { body: { ...chat, stream: false, job_id: "j" } });
    assert.equal(response.headers.get("x-rbee-request-id"), "j");
    const result = InferenceResult.parse(await response.json());
    assert.equal(result.text, "One, two, three, four, five.");
    assert.equal(result.request_id, "j");
    assert.equal(result.stop_reason, "EOS");
  });

  it("counts every token of a character that is split over several of them", async () => {
    const body = { prompt: "Bees", grammar: 'root ::= "🐝🐝"', temperature: 0 };
    const events = await collectEvents(await worker.ask("infer", { body }));
    const tokens = events.filter((event) => event.type === "token");
    assert.equal(tokens.map(({ token }) => token).join(""), "🐝🐝");
    assert.ok(tokens.length > 2, "the vocabulary has no token for a bee");
    assert.deepEqual(
      tokens.map(({ index }) => index),
      tokens.map((_token, index) => index),
    );
    const done = events.at(-1);
    assert.equal(done?.type === "done" && done.total_tokens, tokens.length);
  });

  it("ends before a stop sequence, and counts its tokens", async () => {
    const body = { ...chat, stop: ["three, f"], stream: false };
    const result = InferenceResult.parse(await (await worker.ask("infer", { body })).json());
    assert.equal(result.text, "One, two, ");
    assert.equal(result.stop_reason, "STOP_SEQUENCE");
  });

  it("reports probabilities with each token, in both ways of answering", async () => {
    const body = { ...chat, logprobs: 2, max_tokens: 3 };
    const events = await collectEvents(await worker.ask("infer", { body }));
    const tokens = events.filter((event) => event.type === "token");
    assert.equal(tokens.length, 3);
    assert.ok(tokens.every(({ logprob }) => logprob?.top.length === 2 && logprob.logprob <= 0));
    const whole = await worker.ask("infer", { body: { ...body, stream: false } });
    const { logprobs } = InferenceResult.parse(await whole.json());
    assert.deepEqual(
      logprobs?.map(({ token }) => token),
      tokens.map(({ token }) => token),
    );
  });

  it("takes the model's own temperature, and the request's before it", async () => {
    const { engine } = { engine: await worker.engine() };
    const asked: number[] = [];
    const generate = engine.generate.bind(engine);
    engine.generate = (request) => {
      asked.push(request.sampling.temperature);
      return generate(request);
    };
    await collectEvents(await worker.ask("infer", { body: { prompt: "A", max_tokens: 1 } }));
    const body = { prompt: "A", max_tokens: 1, temperature: 1.5 };
    await collectEvents(await worker.ask("infer", { body }));
    engine.generate = generate;
    assert.deepEqual(asked, [0.3, 1.5]);
    assert.notEqual(temperatureDefault, 0.3);
  });

  it("has 512 tokens or what is left, and takes a wish that fits exactly", async () => {
    const tokens = (await worker.engine()).facts.contextSize;
    const body = { ...endless, max_tokens: tokens - 2, stream: false };
    const fits = await worker.ask("infer", { body: { ...body, prompt: "O" } });
    assert.equal(fits.status, 200);
    await fits.json();
    const { details } = await errorOf(
      await worker.ask("infer", { body: { ...body, max_tokens: tokens } }),
      "CONTEXT_EXCEEDED",
    );
    assert.equal(details["context"], tokens);
    assert.equal(details["max_tokens"], tokens);
  });

  it("refuses a prompt that does not fit, with its figures and without a stream", async () => {
    for (const text of ["bee ".repeat(2000), "x".repeat(500_000)]) {
      const response = await worker.ask("infer", { body: { prompt: text } });
      assert.equal(response.status, 400);
      const { details } = await errorOf(response, "CONTEXT_EXCEEDED");
      assert.ok(Number(details["prompt_tokens"]) > Number(details["context"]));
    }
    assert.equal(await worker.countBusySlots(), 0);
  });

  it("refuses every wrong field at once, before any slot is taken", async () => {
    const body = { prompt: "a", messages: [], temperature: 3, top_k: -1, colour: "red" };
    const { details } = await errorOf(await worker.ask("infer", { body }), "INVALID_REQUEST");
    const fields = (details["errors"] as { field: string }[]).map(({ field }) => field);
    for (const field of ["messages", "temperature", "top_k", "colour"]) {
      assert.ok(fields.includes(field), field);
    }
  });

  it("refuses a grammar or a schema that the engine cannot read, naming the field", async () => {
    const wrong = [
      { grammar: "root ::= (" },
      { json_schema: { type: "object", patternProperties: { "(": {} } } },
    ];
    for (const fields of wrong) {
      const response = await worker.ask("infer", { body: { prompt: "a", ...fields } });
      assert.equal(response.status, 400);
      const { details } = await errorOf(response, "INVALID_REQUEST");
      const [first] = details["errors"] as { field: string }[];
      assert.equal(first?.field, Object.keys(fields)[0]);
    }
    assert.equal(await worker.countBusySlots(), 0);
  });

  it("honours a schema", async () => {
    const json_schema = { type: "object", properties: { bee: { type: "boolean" } } };
    const body = { prompt: "Is it a bee?", json_schema, stream: false };
    const { text } = InferenceResult.parse(await (await worker.ask("infer", { body })).json());
    assert.equal(typeof (JSON.parse(text) as { bee: unknown }).bee, "boolean");
  });

  it("is counted, by how it ended", async () => {
    const text = await (await fetch(`${worker.url}/metrics`)).text();
    for (const outcome of ["EOS", "STOP_SEQUENCE", "MAX_TOKENS", "CONTEXT_EXCEEDED"]) {
      assert.match(text, new RegExp(`rbee_worker_requests_total.*outcome="${outcome}"`));
    }
    assert.match(text, /^rbee_worker_generated_tokens_total\S* [1-9]/m);
    assert.match(text, /^rbee_worker_prompt_tokens_total\S* [1-9]/m);
    assert.match(text, /^rbee_worker_time_to_first_token_seconds_count\S* [1-9]/m);
    assert.match(text, /^rbee_worker_decode_duration_seconds_count\S* [1-9]/m);
    assert.match(text, /^rbee_worker_step_tokens_count\S* [1-9]/m);
    assert.match(text, /^rbee_worker_model_load_duration_seconds\S* [\d.]*[1-9]/m);
  });
});

describe("a generation that does not end by itself", () => {
  let worker: TestWorker;
  before(async () => {
    worker = await startTestWorker({ slots: 2, modelPath: await writeRamblingModel() });
  });
  after(async () => await worker[Symbol.asyncDispose]());

  it("says that all slots are busy, with the counts, and takes requests again", async () => {
    const jobs = ["one", "two"];
    const running = await Promise.all(
      jobs.map((job) => worker.ask("infer", { body: { ...endless, job_id: job } })),
    );
    const refused = await worker.ask("infer", { body: chat });
    assert.equal(refused.status, 503);
    const { details } = await errorOf(refused, "ALL_SLOTS_BUSY");
    const metrics = await (await fetch(`${worker.url}/metrics`)).text();
    assert.match(metrics, /^rbee_worker_refusals_total\{code="ALL_SLOTS_BUSY".* [1-9]/m);
    assert.deepEqual(details, { slots_total: 2, slots_busy: 2 });
    for (const job of jobs) await worker.ask("cancelInference", { id: job });
    for (const response of running) await collectEvents(response);
    const body = { ...chat, max_tokens: 1, stream: false };
    assert.equal((await worker.ask("infer", { body })).status, 200);
  });

  it("refuses the id of a request that still runs", async () => {
    const events = readEvents(await worker.ask("infer", { body: { ...endless, job_id: "same" } }));
    await waitForEvent(events, "token");
    const body = { ...chat, job_id: "same" };
    const { details } = await errorOf(await worker.ask("infer", { body }), "INVALID_REQUEST");
    assert.equal((details["errors"] as { field: string }[])[0]?.field, "job_id");
    await worker.ask("cancelInference", { id: "same" });
    await waitForEvent(events, "done");
  });

  it("ends with `done` when it is cancelled, and keeps what it has said", async () => {
    const events = readEvents(await worker.ask("infer", { body: { ...endless, job_id: "c" } }));
    await waitForEvent(events, "token");
    for (const id of ["c", "c", "never-was"]) {
      const response = await worker.ask("cancelInference", { id });
      assert.equal(response.status, 204);
    }
    const done = await waitForEvent(events, "done");
    assert.equal(done.stop_reason, "CANCELLED");
    assert.ok(done.total_tokens > 0 && done.total_tokens < endless.max_tokens);
    assert.equal(await worker.countBusySlots(), 0);
  });

  it("ends with an error at the deadline of its field or header, and frees the slot", async () => {
    const inTime = new Date(Date.now() + 500).toISOString();
    const asked = [
      worker.ask("infer", { body: { ...endless, timeout_seconds: 0.5 } }),
      worker.ask("infer", { body: endless, headers: { "x-request-deadline": inTime } }),
    ];
    for (const response of await Promise.all(asked)) {
      const last = (await collectEvents(response)).at(-1);
      assert.equal(last?.type === "error" && last.error.code, "REQUEST_TIMEOUT");
    }
    assert.equal(await worker.countBusySlots(), 0);
    const body = { ...endless, stream: false, timeout_seconds: 0.1 };
    const whole = await worker.ask("infer", { body });
    assert.equal(whole.status, 408);
    await errorOf(whole, "REQUEST_TIMEOUT");
  });

  it("is over within a second when its client is gone", async () => {
    const client = new AbortController();
    const { signal } = client;
    const events = readEvents(await worker.ask("infer", { body: endless, signal }));
    await waitForEvent(events, "token");
    assert.equal(await worker.countBusySlots(), 1);
    client.abort();
    await assert.rejects(waitForEvent(events, "done"));
    await eventually(isIdle(worker), { timeoutMs: 1000, what: "the free slot" });
    const gone = new AbortController();
    const body = { ...endless, stream: false };
    const whole = worker.ask("infer", { body, signal: gone.signal });
    await eventually(async () => (await worker.countBusySlots()) === 1);
    gone.abort();
    await assert.rejects(whole);
    await eventually(isIdle(worker), { timeoutMs: 1000, what: "the free slot" });
  });

  it("ends at its deadline although its client reads nothing", async () => {
    // Much more text than the buffers of a connection hold.
    const { hostname, port } = new URL(worker.url);
    const body = JSON.stringify({ ...endless, logprobs: 20, timeout_seconds: 3 });
    const socket = connect(Number(port), hostname);
    socket.pause();
    socket.write(
      `POST /v1/inference HTTP/1.1\r\nHost: bee\r\nAuthorization: Bearer ${key}\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    try {
      await eventually(async () => (await worker.countBusySlots()) === 1);
      await eventually(isIdle(worker), { timeoutMs: 10_000, what: "the free slot" });
    } finally {
      socket.destroy();
    }
  });
});

describe("a generation whose engine is in trouble", () => {
  it("ends with GENERATION_TIMEOUT when no token comes for too long", async () => {
    await using worker = await startTestWorker({ timeouts: { token_stall: 0.001 } });
    const response = await worker.ask("infer", { body: { prompt: "bee ".repeat(500) } });
    if (response.ok) {
      const last = (await collectEvents(response)).at(-1);
      assert.equal(last?.type === "error" && last.error.code, "GENERATION_TIMEOUT");
    } else {
      assert.equal(response.status, 504);
      await errorOf(response, "GENERATION_TIMEOUT");
    }
    await eventually(isIdle(worker));
  });

  it("answers INFERENCE_FAILED when the engine is gone, and keeps no slot", async () => {
    await using worker = await startTestWorker();
    const engine = await worker.engine();
    await engine.close();
    const response = await worker.ask("infer", { body: { prompt: "a" } });
    assert.equal(response.status, 500);
    const { details } = await errorOf(response, "INFERENCE_FAILED");
    assert.notEqual(details["reason"], "");
    await eventually(isIdle(worker));
  });
});
