import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { ProgressEvent, TokenizeResult, WorkerHealth, WorkerReadiness } from "@rbee/contract";
import { workerRoutes } from "@rbee/contract";
import { eventually } from "@rbee/testkit";
import {
  collectEvents,
  endless,
  errorOf,
  readEvents,
  startTestWorker,
  waitForEvent,
  writeRamblingModel,
} from "../../test/worker-fixture.ts";
import type { TestWorker } from "../../test/worker-fixture.ts";

const readStates = (worker: TestWorker) =>
  worker.lines.flatMap((line) => {
    const parsed = JSON.parse(line) as { status?: { state: string } };
    return parsed.status === undefined ? [] : [parsed.status.state];
  });
const readHealth = async (worker: TestWorker) =>
  WorkerHealth.parse(await (await worker.ask("health")).json());
const readReadiness = async (worker: TestWorker) =>
  WorkerReadiness.parse(await (await worker.ask("ready")).json());

describe("a worker that loads", () => {
  it("is alive but not ready, says where to look, and takes no requests", async () => {
    await using worker = await startTestWorker({ isLoaded: false });
    const health = await readHealth(worker);
    assert.equal(health.status, "healthy");
    assert.equal(health.state, "loading");
    assert.ok(health.memory_bytes > 0);
    assert.deepEqual(await readReadiness(worker), {
      ready: false,
      state: "loading",
      progress_url: `${worker.url}/v1/loading/progress`,
    });
    const refused = await worker.ask("infer", { body: { prompt: "a" } });
    assert.equal(refused.status, 503);
    const { details } = await errorOf(refused, "WORKER_NOT_READY");
    assert.equal(details["state"], "loading");
    await errorOf(await worker.ask("tokenize", { body: { text: "a" } }), "WORKER_NOT_READY");
  });

  it("streams layer after layer up to ready, and late readers hear how it ended", async () => {
    await using worker = await startTestWorker({ isLoaded: false });
    const early = collectEvents(await worker.ask("loadingProgress"));
    await worker.worker.load();
    const late = collectEvents(await worker.ask("loadingProgress"));
    for (const events of [await early, await late]) {
      const stages = events.map((event) => ProgressEvent.parse(event));
      assert.equal(stages.at(-1)?.stage, "ready");
      const layers = stages.filter((event) => event.stage === "loading_to_vram");
      const loaded = layers.map((event) => event.layers_loaded);
      assert.deepEqual(
        loaded,
        loaded.toSorted((left, right) => left - right),
      );
      assert.equal(loaded.at(-1), layers[0]?.layers_total);
      assert.ok((layers.at(-1)?.vram_mb ?? 0) > 1);
    }
    assert.equal((await late).length, 2);
    const capabilities = {
      generation: true,
      chat: true,
      tools: "generic",
      embeddings: true,
      rerank: false,
      vision: false,
    };
    assert.deepEqual(await readReadiness(worker), {
      ready: true,
      state: "idle",
      model_loaded: true,
      capabilities,
    });
    const line = worker.lines.findLast((told) => told.startsWith('{"status"')) ?? "{}";
    const told = JSON.parse(line) as { status?: { capabilities?: unknown } };
    assert.deepEqual(told.status?.capabilities, capabilities);
  });

  it("tells its hive every change of its state, and the story of its start", async () => {
    await using worker = await startTestWorker({ slots: 1 });
    await collectEvents(await worker.ask("infer", { body: { prompt: "a", max_tokens: 1 } }));
    assert.deepEqual(readStates(worker), ["loading", "idle", "busy", "idle"]);
    const told = worker.lines.flatMap((line) => {
      const { narration } = JSON.parse(line) as { narration?: { action: string } };
      return narration === undefined ? [] : [narration.action];
    });
    assert.deepEqual(told, ["http-up", "device", "loading", "loaded"]);
  });
});

describe("a worker whose model cannot be loaded", () => {
  const failed = async (
    changes: Parameters<typeof startTestWorker>[0],
    code: string,
  ): Promise<Record<string, unknown>> => {
    await using worker = await startTestWorker({ ...changes, isLoaded: false });
    const reading = worker.ask("loadingProgress").then(collectEvents);
    assert.equal(await worker.worker.load(), "failed");
    const last = (await reading).at(-1);
    assert.ok(last?.type === "error");
    assert.equal(last.error.code, code);
    assert.ok(workerRoutes.loadingProgress.errors.includes(code as never));
    const health = await readHealth(worker);
    assert.deepEqual([health.status, health.state], ["unhealthy", "error"]);
    assert.equal(readStates(worker).at(-1), "error");
    return last.error.details;
  };

  it("says that the file is no model", async () => {
    const folder = dirname(await writeRamblingModel());
    const text = join(folder, "text.gguf");
    writeFileSync(text, "This is not a model, it only has the name of one.".repeat(100));
    const details = await failed({ modelPath: text }, "INVALID_MODEL_FILE");
    assert.equal(details["model"], "hello-bee");
    await failed({ modelPath: join(folder, "nothing.gguf") }, "INVALID_MODEL_FILE");
  });

  it("says that what lies beside the file is wrong", async () => {
    const path = await writeRamblingModel();
    writeFileSync(path.replace(".gguf", ".sampling.json"), '{"temperature":9}');
    const details = await failed({ modelPath: path }, "INVALID_MODEL_FILE");
    assert.match(String(details["reason"]), /rambling\.sampling\.json .* temperature/);
  });

  it("says that there is no such backend here", async () => {
    const details = await failed({ backend: "rocm" }, "BACKEND_UNAVAILABLE");
    assert.deepEqual(details, { backend: "rocm", available: ["cpu"] });
  });
});

describe("a worker with a key", () => {
  it("wants it on every route but health", async () => {
    await using worker = await startTestWorker({ isLoaded: false });
    for (const [name, route] of Object.entries(workerRoutes)) {
      const path = `${worker.url}${route.path.replace(":request_id", "some")}`;
      const method = route.method.toUpperCase();
      const none = await fetch(path, { method });
      const wrong = await fetch(path, { method, headers: { authorization: "Bearer wrong-key" } });
      if (name === "health") {
        assert.equal(none.status, 200);
        continue;
      }
      await errorOf(none, "MISSING_API_KEY");
      assert.equal(wrong.status, 401, name);
      await errorOf(wrong, "INVALID_API_KEY");
    }
  });
});

describe("the tokens of a text", () => {
  it("are those of the model, with special tokens only when asked for", async () => {
    await using worker = await startTestWorker();
    const tokenize = async (body: object) => {
      const response = await worker.ask("tokenize", { body });
      return TokenizeResult.parse(await response.json());
    };
    const plain = await tokenize({ text: "<|im_end|>" });
    assert.ok(plain.count > 1);
    assert.deepEqual(await tokenize({ text: "<|im_end|>", parse_special: true }), {
      tokens: [3],
      count: 1,
    });
    assert.deepEqual(await tokenize({ text: "" }), { tokens: [], count: 0 });
    const long = await worker.ask("tokenize", { body: { text: "x".repeat(70_000) } });
    await errorOf(long, "INVALID_REQUEST");
  });
});

describe("a worker that is told to stop", () => {
  it("finishes what runs, takes nothing new, and leaves", async () => {
    await using worker = await startTestWorker({ slots: 2, modelPath: await writeRamblingModel() });
    const body = { ...endless, max_tokens: 300 };
    const events = readEvents(await worker.ask("infer", { body }));
    await waitForEvent(events, "token");
    const response = await worker.ask("shutdown", { body: { timeout_seconds: 30 } });
    assert.equal(response.status, 202);
    const refused = await worker.ask("infer", { body });
    const { details } = await errorOf(refused, "WORKER_NOT_READY");
    assert.equal(details["state"], "draining");
    assert.equal((await readReadiness(worker)).ready, false);
    assert.ok(!worker.hasLeft());
    const done = await waitForEvent(events, "done");
    assert.equal(done.total_tokens, 300);
    await eventually(worker.hasLeft);
  });

  it("ends what still runs after its time, with an error that says so", async () => {
    await using worker = await startTestWorker({ modelPath: await writeRamblingModel() });
    const events = readEvents(await worker.ask("infer", { body: endless }));
    await waitForEvent(events, "token");
    await worker.ask("shutdown", { body: { timeout_seconds: 0.05 } });
    await eventually(worker.hasLeft);
    const stopping = worker.worker.stop(0, new AbortController().signal);
    const { error } = await waitForEvent(events, "error");
    assert.equal(error.code, "SHUTTING_DOWN");
    await stopping;
    assert.equal(readStates(worker).at(-1), "stopped");
  });

  it("leaves at once when nothing runs or nobody wants to wait", async () => {
    await using idle = await startTestWorker();
    await idle.ask("shutdown");
    await eventually(idle.hasLeft, { timeoutMs: 1000 });
    await using busy = await startTestWorker({ modelPath: await writeRamblingModel() });
    const events = readEvents(await busy.ask("infer", { body: endless }));
    await waitForEvent(events, "token");
    await busy.ask("shutdown", { body: { graceful: false, timeout_seconds: 60 } });
    await eventually(busy.hasLeft, { timeoutMs: 1000 });
    await events.return();
  });

  it("gives up loading", async () => {
    await using worker = await startTestWorker({ isLoaded: false });
    const reading = worker.ask("loadingProgress").then(collectEvents);
    const loading = worker.worker.load();
    await worker.worker.stop(0, new AbortController().signal);
    assert.equal(await loading, "stopped");
    const last = (await reading).at(-1);
    assert.ok(last?.type === "error" ? last.error.code === "SHUTTING_DOWN" : last !== undefined);
  });
});
