import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import type { ErrorCode, TaskEvent } from "@rbee/contract";
import { eventually, remains } from "@rbee/testkit";
import { actionsOf, errorOf, openQueen, tokensOf } from "./scripted-queen-fixture.ts";
import type { Asked, QueenInBox } from "./scripted-queen-fixture.ts";

const slow = ["--token-ms", "50"];

function isCode(code: ErrorCode) {
  return (error: unknown) => {
    assert.ok(RbeeError.is(error), String(error));
    assert.equal(error.code, code);
    return true;
  };
}

async function firstToken({ events }: Asked): Promise<void> {
  await eventually(() => events.some(({ type }) => type === "token"));
}

async function onlyWorker({ queen }: QueenInBox) {
  const [worker] = (await queen.call("listWorkers")).workers;
  assert.ok(worker !== undefined);
  return worker;
}

async function slotsFree(box: QueenInBox): Promise<boolean> {
  const worker = await onlyWorker(box);
  return worker.state === "idle" && worker.slots_available === worker.slots_total;
}

describe("a task that ends early", () => {
  it("is cancelled down to the worker when somebody says so", async () => {
    await using box = await openQueen({ script: slow });
    const asked = box.ask({ max_tokens: 1000, job_id: "story-1" });
    await firstToken(asked);
    await box.queen.call("cancelTask", { params: { task_id: "story-1" } });
    const { code, details } = errorOf(await asked.ended);
    assert.equal(code, "REQUEST_CANCELED");
    assert.ok(Number(details["tokens_generated"]) >= 1);
    await eventually(() => slotsFree(box), { timeoutMs: 1000, what: "a free slot" });
    await box.queen.call("cancelTask", { params: { task_id: "story-1" } });
    const { tasks } = await box.queen.call("listTasks");
    assert.equal(tasks[0]?.phase, "cancelled");
  });

  it("is cancelled down to the worker when its client goes away", async () => {
    await using box = await openQueen({ script: slow });
    const client = new AbortController();
    const asked = box.ask({ max_tokens: 1000 }, client.signal);
    await firstToken(asked);
    client.abort();
    await assert.rejects(asked.ended);
    const phase = async () => (await box.queen.call("listTasks")).tasks[0]?.phase;
    await eventually(async () => (await phase()) === "cancelled", { timeoutMs: 1000 });
    await eventually(() => slotsFree(box), { timeoutMs: 1000, what: "a free slot" });
  });

  it("tells how far it came, where, and how the worker ended that died", async () => {
    await using box = await openQueen({ script: ["--die-at-token", "12"] });
    const events = await box.ask({ max_tokens: 20 }).ended;
    const { code, details } = errorOf(events);
    assert.equal(code, "SSE_CLOSED");
    assert.equal(tokensOf(events).length, 12);
    const { worker_id: workerId, ...rest } = details;
    assert.match(String(workerId), /^worker-/);
    assert.deepEqual(rest, {
      node: "localhost",
      tokens_generated: 12,
      max_tokens: 20,
      exit_code: null,
      signal: "SIGKILL",
    });
  });

  it("tells that the hive is gone when its worker went with it", async () => {
    await using box = await openQueen({ script: slow });
    const asked = box.ask({ max_tokens: 1000 });
    await firstToken(asked);
    box.box.signal(box.box.hivePid() ?? 0, "SIGKILL");
    const { code, details } = errorOf(await asked.ended);
    assert.equal(code, "SSE_CLOSED");
    assert.equal(details["hive_lost"], true);
    assert.equal(details["node"], "localhost");
  });

  it("tells a silent worker after five seconds", async () => {
    await using box = await openQueen({ script: slow });
    const asked = box.ask({ max_tokens: 1000 });
    await firstToken(asked);
    const { pid } = await onlyWorker(box);
    box.box.signal(pid ?? 0, "SIGSTOP");
    const startedAt = performance.now();
    const { code, details } = errorOf(await asked.ended);
    const seconds = (performance.now() - startedAt) / 1000;
    assert.equal(code, "CONNECTION_LOST");
    assert.ok(seconds > 4.5 && seconds < 8, `after ${seconds} s`);
    assert.equal(details["node"], "localhost");
    assert.equal(details["max_tokens"], 1000);
  });

  it("ends at its deadline, which the worker hears of too", async () => {
    await using box = await openQueen({ script: slow });
    await box.ask({ max_tokens: 1 }).ended;
    const deadline = new Date(Date.now() + 600);
    const body = { prompt: "Once", max_tokens: 1000 };
    const events: TaskEvent[] = [];
    for await (const event of await box.queen.stream("createTask", { body, deadline })) {
      events.push(event);
    }
    const { code, details } = errorOf(events);
    assert.equal(code, "REQUEST_TIMEOUT");
    assert.equal(details["deadline"], deadline.toISOString());
    await eventually(() => slotsFree(box), { timeoutMs: 1000, what: "a free slot" });
  });

  it("brings what stopped the worker from starting, with the node", async () => {
    await using box = await openQueen({ script: ["--die-at-start", "--death", "3"] });
    const { code, details } = errorOf(await box.ask().ended);
    assert.equal(code, "WORKER_STARTUP_FAILED");
    assert.equal(details["exit_code"], 3);
    assert.equal(details["node"], "localhost");
  });

  it("ends with the shutdown of the queen, and nothing new begins", async () => {
    await using box = await openQueen({ script: slow });
    const running = box.ask({ max_tokens: 1000 });
    await firstToken(running);
    await box.queen.call("shutdown");
    await eventually(async () => {
      const refused = await box.ask().ended.then(
        () => undefined,
        (error: unknown) => error,
      );
      return RbeeError.is(refused, "SHUTTING_DOWN");
    });
    assert.equal(errorOf(await running.ended).code, "SHUTTING_DOWN");
    await eventually(() => box.programs().length === 0, { timeoutMs: 20_000 });
  });
});

describe("a task that finds every slot taken", () => {
  const oneSlot = { worker: { slots: 1 } };

  it("waits, is told its position, and runs when the slot is free", async () => {
    await using box = await openQueen({ script: slow, settings: oneSlot });
    const first = box.ask({ max_tokens: 30 });
    await firstToken(first);
    const second = box.ask({ max_tokens: 2 });
    await eventually(() => actionsOf(second.events).includes("queue"));
    const third = box.ask({ max_tokens: 2 });
    await eventually(() => actionsOf(third.events).includes("queue"));
    const { tasks } = await box.queen.call("listTasks");
    assert.deepEqual(
      tasks.map(({ phase, queue_position: position }) => [phase, position]),
      [
        ["queued", 2],
        ["queued", 1],
        ["inferring", null],
      ],
    );
    await Promise.all([first.ended, second.ended, third.ended]);
    const positions = third.events.flatMap((event) =>
      event.type === "narration" && event.action === "queue" ? [event.position] : [],
    );
    assert.deepEqual(positions, [2, 1]);
    assert.equal(tokensOf(third.events).length, 2);
  });

  it("is refused before any stream when it may not wait, or when the queue is full", async () => {
    const settings = { ...oneSlot, queen: { queue_limit: 1 } };
    await using box = await openQueen({ script: slow, settings });
    const running = box.ask({ max_tokens: 1000, job_id: "running" });
    await firstToken(running);
    await assert.rejects(box.ask({ wait: false }).ended, (error) => {
      assert.ok(RbeeError.is(error, "ALL_SLOTS_BUSY"));
      assert.equal(error.details.slots_total, 1);
      assert.equal(error.details.slots_busy, 1);
      return true;
    });
    const waiting = box.ask({ max_tokens: 1 });
    await eventually(() => actionsOf(waiting.events).includes("queue"));
    await assert.rejects(box.ask().ended, (error) => {
      assert.ok(RbeeError.is(error, "QUEUE_FULL"));
      assert.ok(error.details.retry_after_seconds >= 1);
      return true;
    });
    await box.queen.call("cancelTask", { params: { task_id: "running" } });
    assert.equal((await waiting.ended).at(-1)?.type, "done");
  });

  it("gives up after the time that a task may wait", async () => {
    const settings = { ...oneSlot, queen: { queue_wait: 0.5 } };
    await using box = await openQueen({ script: slow, settings });
    await firstToken(box.ask({ max_tokens: 1000 }));
    const { code, details } = errorOf(await box.ask().ended);
    assert.equal(code, "QUEUE_TIMEOUT");
    assert.equal(details["position"], 1);
  });

  it("waits too when somebody else took the slot at the worker itself", async () => {
    await using box = await openQueen({ script: slow, settings: oneSlot });
    await box.ask({ max_tokens: 1 }).ended;
    const { worker_id: id } = await onlyWorker(box);
    const { url, api_key: key } = await box.box.hive().call("workerAccess", { params: { id } });
    const stranger = await fetch(`${url}/v1/inference`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ prompt: "mine", max_tokens: 40 }),
    });
    await assert.rejects(box.ask({ wait: false }).ended, isCode("ALL_SLOTS_BUSY"));
    const patient = box.ask({ max_tokens: 2 });
    await eventually(() => actionsOf(patient.events).includes("queue"));
    await stranger.text();
    assert.equal((await patient.ended).at(-1)?.type, "done");
  });

  it("goes to a new worker when the busy one dies", async () => {
    await using box = await openQueen({
      script: [...slow, "--die-at-token", "10"],
      settings: oneSlot,
    });
    const first = box.ask({ max_tokens: 20 });
    await firstToken(first);
    const second = box.ask({ max_tokens: 2 });
    await eventually(() => actionsOf(second.events).includes("queue"));
    assert.equal(errorOf(await first.ended).code, "SSE_CLOSED");
    assert.equal((await second.ended).at(-1)?.type, "done");
  });
});

describe("a task that cannot be", () => {
  it("is refused before any stream, with every field error", async () => {
    await using box = await openQueen({ script: [] });
    const refusals: [Parameters<QueenInBox["ask"]>[0], ErrorCode][] = [
      [{ node: "mac" }, "NODE_NOT_FOUND"],
      [{ model: "gpt" }, "INVALID_MODEL_REF"],
      [{ backend: "abacus" }, "INVALID_BACKEND"],
      [{ stream: false }, "INVALID_REQUEST"],
      [{ temperature: 3, top_p: 2 }, "INVALID_REQUEST"],
    ];
    for (const [request, code] of refusals) {
      await assert.rejects(box.ask(request).ended, isCode(code));
    }
    assert.deepEqual(box.programs(), ["queen-rbee"], "nothing was started for them");
  });

  it("is told that something else has the hive's port", async () => {
    await using box = await openQueen({ script: [] });
    const stranger = createServer((socket) => void socket.end("SSH-2.0-OpenSSH\r\n"));
    await new Promise<void>((done) => stranger.listen(box.box.hivePort, "127.0.0.1", done));
    try {
      const { code, details } = errorOf(await box.ask().ended);
      assert.equal(code, "PORT_IN_USE");
      assert.equal(details["port"], box.box.hivePort);
    } finally {
      stranger.close();
    }
  });

  it("is told after three narrated attempts that the hive is silent", async () => {
    await using box = await openQueen({ script: [], settings: { timeouts: { connect: 0.3 } } });
    await box.box.startHiveAsOperator();
    box.box.signal(box.box.hivePid() ?? 0, "SIGSTOP");
    const events = await box.ask().ended;
    const { code, details } = errorOf(events);
    assert.equal(code, "CONNECTION_TIMEOUT");
    assert.equal(details["attempts"], 3);
    const attempts = events.flatMap((event) =>
      event.type === "narration" && event.action === "connect" ? [event.human] : [],
    );
    const address = `127.0.0.1:${box.box.hivePort}`;
    assert.deepEqual(attempts, [
      `Attempt 1: connecting to ${address} (timeout 0.3s, delay 0ms)`,
      `Attempt 2: connecting to ${address} (timeout 0.3s, delay 200ms)`,
      `Attempt 3: connecting to ${address} (timeout 0.3s, delay 400ms)`,
    ]);
    await remains(() => box.box.processes().length === 2, { forMs: 300 });
  });

  it("names the host whose key was refused", async () => {
    await using box = await openQueen({ script: [] });
    await box.ask().ended;
    await box.queen.call("listWorkers");
    writeFileSync(`${box.box.rbeeHome}/keys/hive.key`, "another-key-of-enough-length\n");
    await assert.rejects(box.queen.call("listModels"), (error) => {
      assert.ok(RbeeError.is(error, "INVALID_API_KEY"));
      assert.equal(error.details.host, "127.0.0.1");
      assert.equal(error.details.program, "rbee-hive");
      return true;
    });
  });
});
