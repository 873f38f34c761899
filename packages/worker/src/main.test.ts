import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { eventually } from "@rbee/testkit";
import { listenForCallback, startWorkerProcess } from "../test/process-fixture.ts";
import type { WorkerProcess } from "../test/process-fixture.ts";
import {
  collectEvents,
  endless,
  errorOf,
  key,
  readEvents,
  waitForEvent,
  writeRamblingModel,
} from "../test/worker-fixture.ts";

let rambling: string;
before(async () => {
  rambling = await writeRamblingModel();
});

const infer = async (worker: WorkerProcess, body: object) =>
  await worker.fetch("/v1/inference", { method: "POST", body: JSON.stringify(body) });

describe("a worker that a hive starts", () => {
  it("listens, calls back with its key, loads only then, and generates", async () => {
    const seen: { health?: unknown; readiness?: unknown } = {};
    using hive = await listenForCallback(async (_call, answer) => {
      seen.health = await (await fetch(`${worker.url}/v1/health`)).json();
      seen.readiness = await (await worker.fetch("/v1/ready")).json();
      assert.ok(!worker.stdout().includes('"state":"idle"'));
      answer.end("{}");
    });
    const flags = ["--callback-url", hive.url, "--slots", "2", "--context", "512"];
    await using worker = await startWorkerProcess({ flags });
    await worker.waitForState("idle");
    assert.equal(hive.calls.length, 1);
    assert.deepEqual(hive.calls[0], {
      method: "POST",
      path: "/v1/workers/ready",
      authorization: `Bearer ${key}`,
      body: {
        worker_id: "w-1",
        url: worker.url,
        model_ref: "hello-bee",
        backend: "cpu",
        device: 0,
        state: "loading",
      },
    });
    assert.equal((seen.health as { state: string }).state, "loading");
    assert.equal((seen.readiness as { ready: boolean }).ready, false);
    const status = worker
      .stdout()
      .split("\n")
      .findLast((line) => line.startsWith('{"status"'));
    const told = (JSON.parse(status ?? "") as { status: Record<string, unknown> }).status;
    assert.equal(told["slots_total"], 2);
    assert.equal(told["slots_available"], 2);
    assert.equal(told["context"], 512);
    const body = { messages: [{ role: "user", content: "Count to five" }], temperature: 0 };
    const events = await collectEvents(await infer(worker, body));
    const text = events.flatMap((event) => (event.type === "token" ? [event.token] : [])).join("");
    assert.equal(text, "One, two, three, four, five.");
    const refused = await fetch(`${worker.url}/v1/ready`, {
      headers: { authorization: "Bearer somebody-elses" },
    });
    assert.equal(refused.status, 401);
    await errorOf(refused, "INVALID_API_KEY");
    assert.ok(!worker.stdout().includes(key) && !worker.stderr().includes(key));
  });

  it("is gone within a second when its hive is, even while it computes", async () => {
    await using worker = await startWorkerProcess({ model: rambling });
    await worker.waitForState("idle");
    const events = readEvents(await infer(worker, endless));
    await waitForEvent(events, "token");
    const droppedAt = performance.now();
    worker.dropLifeline();
    await worker.ended;
    assert.ok(performance.now() - droppedAt < 1000);
    assert.deepEqual(worker.listProcesses(), []);
  });

  it("leaves nobody behind when its hive is gone before it is ready", async () => {
    await using worker = await startWorkerProcess();
    await worker.waitForState("loading");
    worker.dropLifeline();
    await worker.ended;
    await eventually(() => worker.listProcesses().length === 0, { timeoutMs: 3000 });
  });

  it("ends when its hive does not know it, or is not there", async () => {
    using hive = await listenForCallback((_call, answer) => {
      answer.writeHead(404).end("{}");
    });
    await using unknown = await startWorkerProcess({ flags: ["--callback-url", hive.url] });
    assert.equal((await unknown.ended).code, 1);
    assert.equal(hive.calls.length, 1);
    assert.match(unknown.stderr(), /INVALID_RESPONSE/);
    hive[Symbol.dispose]();
    await using alone = await startWorkerProcess({ flags: ["--callback-url", hive.url] });
    assert.equal((await alone.ended).code, 1);
    assert.match(alone.stderr(), /no answer in 3 attempts/);
  });
});

describe("a worker that is told to stop", () => {
  it("lets a short answer finish on SIGTERM, refuses others, and exits with 0", async () => {
    await using worker = await startWorkerProcess({ model: rambling });
    await worker.waitForState("idle");
    const events = readEvents(await infer(worker, { ...endless, max_tokens: 20 }));
    await waitForEvent(events, "token");
    worker.child.kill("SIGTERM");
    await worker.waitForState("draining");
    const done = await waitForEvent(events, "done");
    assert.equal(done.total_tokens, 20);
    await events.next();
    assert.equal((await worker.ended).code, 0);
    assert.match(worker.stdout(), /"state":"stopped"/);
  });

  it("exits with 0 after an HTTP shutdown, with an error for whoever still reads", async () => {
    await using worker = await startWorkerProcess({ model: rambling });
    await worker.waitForState("idle");
    const events = readEvents(await infer(worker, endless));
    await waitForEvent(events, "token");
    const body = JSON.stringify({ timeout_seconds: 0.1 });
    await worker.fetch("/v1/admin/shutdown", { method: "POST", body });
    const { error } = await waitForEvent(events, "error");
    assert.equal(error.code, "SHUTTING_DOWN");
    assert.equal((await events.next()).done, true);
    assert.equal((await worker.ended).code, 0);
  });

  it("exits with 0 on SIGTERM while its hive still thinks about the callback", async () => {
    using hive = await listenForCallback(() => {});
    await using worker = await startWorkerProcess({ flags: ["--callback-url", hive.url] });
    await eventually(() => hive.calls.length === 1, { timeoutMs: 30_000 });
    worker.child.kill("SIGTERM");
    assert.equal((await worker.ended).code, 0);
  });
});

describe("a worker that cannot work", () => {
  it("exits with 98 when its port is taken", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as { port: number };
    await using worker = await startWorkerProcess({ port });
    assert.equal((await worker.ended).code, 98);
    other.close();
  });

  it("tells why the model cannot be loaded, then exits with 1", async () => {
    const truncated = join(dirname(rambling), "truncated.gguf");
    writeFileSync(truncated, "GGUF");
    truncateSync(truncated, 4096);
    await using worker = await startWorkerProcess({ model: truncated });
    await worker.waitForState("error");
    const last = (await collectEvents(await worker.fetch("/v1/loading/progress"))).at(-1);
    assert.ok(last?.type === "error");
    assert.equal(last.error.code, "INVALID_MODEL_FILE");
    assert.equal((await worker.ended).code, 1);
  });

  it("exits with 2 and its usage when the command line is wrong", async () => {
    await using worker = await startWorkerProcess({ flags: ["--slots", "many"] });
    assert.equal((await worker.ended).code, 2);
    assert.match(worker.stderr(), /--slots must be[^]*Usage: llm-worker-rbee/);
    assert.equal(worker.stdout(), "");
  });

  it("wants a key that nobody else can read, and more than loopback only with a key", async () => {
    const folder = mkdtempSync(join(dirname(rambling), "key-"));
    const file = join(folder, "worker.key");
    writeFileSync(file, `${key}\n`);
    chmodSync(file, 0o644);
    const byHand = { hasPipeKey: false };
    await using open = await startWorkerProcess({ ...byHand, flags: ["--key-file", file] });
    assert.equal((await open.ended).code, 1);
    assert.match(open.stderr(), /chmod 600/);
    await using wide = await startWorkerProcess({ ...byHand, flags: ["--host", "0.0.0.0"] });
    assert.equal((await wide.ended).code, 1);
    assert.match(wide.stderr(), /INSECURE_BIND/);
    chmodSync(file, 0o600);
    await using good = await startWorkerProcess({ ...byHand, flags: ["--key-file", file] });
    await good.waitForState("idle");
    assert.equal((await good.fetch("/v1/ready")).status, 200);
    assert.equal((await fetch(`${good.url}/v1/ready`)).status, 401);
  });
});

describe("a worker that computes", () => {
  let worker: WorkerProcess;
  before(async () => {
    worker = await startWorkerProcess({ model: rambling, flags: ["--slots", "2"] });
    await worker.waitForState("idle");
  });
  after(async () => await worker[Symbol.asyncDispose]());

  // One slow answer in ten is forgiven, and a machine that has more to do than these tests may be
  // as slow as it is without any computing.
  const measureHealth = async (isOver: () => boolean): Promise<number> => {
    const timesMs: number[] = [];
    while (!isOver() || timesMs.length < 20) {
      const askedAt = performance.now();
      await (await fetch(`${worker.url}/v1/health`)).json();
      timesMs.push(performance.now() - askedAt);
    }
    const sorted = timesMs.toSorted((left, right) => left - right);
    return sorted[Math.floor(sorted.length * 0.9)] ?? Number.POSITIVE_INFINITY;
  };
  const requireQuickHealth = async (bodies: readonly object[]): Promise<void> => {
    const quietMs = await measureHealth(() => true);
    let isOver = false;
    const asked = bodies.map(async (body) => await (await infer(worker, body)).text());
    const answers = Promise.all(asked).finally(() => (isOver = true));
    const [slowMs] = await Promise.all([measureHealth(() => isOver), answers]);
    assert.ok(slowMs < Math.max(50, 3 * quietMs), `${slowMs} ms; ${quietMs} ms without computing`);
  };

  it("answers health within 50 ms during long generations", async () => {
    const body = { ...endless, max_tokens: 400 };
    await requireQuickHealth([body, body]);
  });

  it("answers health within 50 ms while it reads a long prompt, and refuses a longer one", async () => {
    const prompt = "the bee and the flower ".repeat(150);
    await requireQuickHealth([{ prompt, max_tokens: 1 }]);
    const response = await infer(worker, { prompt: "bee ".repeat(250_000) });
    await errorOf(response, "CONTEXT_EXCEEDED");
    await requireQuickHealth([{ prompt: "bee ".repeat(250_000) }]);
  });
});
