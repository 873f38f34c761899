// The shared connection of a worker: the daemon's own server side, with a scripted route behind it.
import assert from "node:assert/strict";
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { after, describe, it } from "node:test";
import { RbeeError, sizes, workerRoutes } from "@rbee/contract";
import type { InferenceRequest } from "@rbee/contract";
import { createApp, createFrameHub, createLogger, createMetrics, createServer } from "@rbee/daemon";
import type { Handlers, SseWriter } from "@rbee/daemon";
import { eventually } from "@rbee/testkit";
import type { InferenceOrder, RelayTarget } from "../ports.ts";
import { createInference } from "./relay-inference.ts";

type Produce = (writer: SseWriter, body: InferenceRequest) => Promise<void>;

const token = (index: number, text = "wörld") => ({ type: "token", token: text, index });
const frame = (event: object) => `data: ${JSON.stringify(event)}\n\n`;
const done = { type: "done", done: true };

interface FramedWorker {
  readonly url: string;
  readonly server: Server;
  readonly sockets: Set<Socket>;
  /** Ids of requests that were cancelled. */
  readonly cancelled: string[];
  readonly grants: number[];
  /** How many requests came with a channel. */
  readonly framed: () => number;
}

interface WorkerOptions {
  readonly offersFrames?: boolean;
  /** Throws what a request is refused with. */
  readonly admit?: (body: InferenceRequest) => void;
}

async function openWorker(produce: Produce, options: WorkerOptions = {}): Promise<FramedWorker> {
  const { offersFrames = true, admit = () => {} } = options;
  const frames = createFrameHub();
  const cancelled: string[] = [];
  const grants: number[] = [];
  const sockets = new Set<Socket>();
  let framed = 0;
  const handlers: Handlers<typeof workerRoutes> = {
    infer({ stream, body }) {
      admit(body);
      return stream((writer) => produce(writer, body));
    },
    cancelInference({ params }) {
      cancelled.push(params["request_id"] ?? "");
      return undefined;
    },
  };
  const offered: Handlers<typeof workerRoutes> = {
    frames: ({ query, shareConnection }) => shareConnection(query.connection),
    grantFrames({ body }): undefined {
      grants.push(body.taken_bytes);
      frames.grant(body);
    },
  };
  const app = createApp({
    program: "llm-worker-rbee",
    version: "1.0.0",
    routes: workerRoutes,
    currentKey: () => undefined,
    logger: createLogger({ program: "llm-worker-rbee", level: "error", sinks: [process.stderr] }),
    metrics: createMetrics("llm-worker-rbee"),
    frames,
    keepAliveMs: () => 2000,
    handlers: offersFrames ? { ...handlers, ...offered } : handlers,
  });
  const server = createServer(app);
  server.on("connection", (socket: Socket) => sockets.add(socket));
  server.prependListener("request", (request) => {
    if (request.headers["x-rbee-channel"] !== undefined) framed += 1;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return { url, server, sockets, cancelled, grants, framed: () => framed };
}

function orderFor(url: string, taskId: string, signal = new AbortController().signal) {
  const hop = { correlationId: "c1", traceparent: undefined, deadline: undefined, signal };
  const body = { prompt: "hi", job_id: taskId, max_tokens: 3 };
  return { address: { url, apiKey: "k" }, taskId, body, hop } satisfies InferenceOrder;
}

function targetFor(change: Partial<RelayTarget> = {}) {
  const parts: Uint8Array[] = [];
  let tokens = 0;
  const target: RelayTarget = {
    signal: new AbortController().signal,
    sendFrames(bytes) {
      parts.push(Buffer.from(bytes));
      return undefined;
    },
    countTokens: (count) => void (tokens += count),
    notePromptTokens: () => {},
    tokenStallMs: 60_000,
    ...change,
  };
  return { target, text: () => Buffer.concat(parts).toString("utf8"), tokens: () => tokens };
}

// The first stream of a worker has a connection of its own; it stays open until it is told.
function createGate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

describe("streams of one worker that run beside each other", () => {
  it("share a connection, each with its own bytes, in order", async () => {
    const gate = createGate();
    const worker = await openWorker(async ({ send }, { job_id: id = "" }) => {
      await gate.opened;
      for (let index = 0; index < 50; index += 1) await send(token(index, id));
      await send(done);
    });
    const inference = createInference();
    const names = Array.from({ length: 20 }, (_value, index) => `task-${index}`);
    const running = await Promise.all(
      names.map(async (name) => {
        const open = await inference.open(orderFor(worker.url, name));
        const { target, text, tokens } = targetFor();
        return { name, end: open.relay(target), text, tokens };
      }),
    );
    assert.equal(worker.framed(), 19, "all but the first");
    gate.open();
    for (const { name, end, text, tokens } of running) {
      assert.deepEqual(await end, { kind: "ended", errorCode: null });
      const expected = Array.from({ length: 50 }, (_value, index) => frame(token(index, name)));
      assert.equal(text(), expected.join("") + frame(done));
      assert.equal(tokens(), 50);
    }
  });

  it("each have a connection of their own where the worker offers no other", async () => {
    const gate = createGate();
    const worker = await openWorker(
      async ({ send }) => {
        await gate.opened;
        await send(done);
      },
      { offersFrames: false },
    );
    const inference = createInference();
    const opens = [];
    for (const name of ["a", "b", "c"])
      opens.push(await inference.open(orderFor(worker.url, name)));
    const ends = opens.map((open) => open.relay(targetFor().target));
    gate.open();
    for (const end of ends) assert.deepEqual(await end, { kind: "ended", errorCode: null });
    assert.equal(worker.framed(), 0);
  });

  it("are all broken when the connection is, and the next ones get a new one", async () => {
    const stay = createGate();
    const worker = await openWorker(async ({ send, signal }) => {
      await send(token(0));
      await Promise.race([stay.opened, once(signal, "abort")]);
      if (!signal.aborted) await send(done);
    });
    const inference = createInference();
    const ask = async (name: string) => {
      const open = await inference.open(orderFor(worker.url, name));
      const { target, tokens } = targetFor();
      const end = open.relay(target);
      await eventually(() => tokens() === 1);
      return end;
    };
    const opened: { end: ReturnType<Awaited<ReturnType<typeof inference.open>>["relay"]> }[] = [];
    for (const name of ["a", "b", "c"]) {
      const open = await inference.open(orderFor(worker.url, name));
      const { target, tokens } = targetFor();
      opened.push({ end: open.relay(target) });
      await eventually(() => tokens() === 1);
    }
    for (const socket of worker.sockets) socket.destroy();
    for (const { end } of opened) assert.deepEqual(await end, { kind: "broken" });
    stay.open();
    const [first, second] = await Promise.all([ask("d"), ask("e")]);
    for (const end of [first, second]) assert.deepEqual(end, { kind: "ended", errorCode: null });
  });

  it("are each refused with a status of their own", async () => {
    const gate = createGate();
    const worker = await openWorker(
      async ({ send }) => {
        await gate.opened;
        await send(done);
      },
      {
        admit({ job_id: id }) {
          if (id === "b") throw new RbeeError("ALL_SLOTS_BUSY", { slots_total: 1, slots_busy: 1 });
        },
      },
    );
    const inference = createInference();
    const first = await inference.open(orderFor(worker.url, "a"));
    await assert.rejects(inference.open(orderFor(worker.url, "b")), (error) =>
      RbeeError.is(error, "ALL_SLOTS_BUSY"),
    );
    const end = first.relay(targetFor().target);
    gate.open();
    assert.deepEqual(await end, { kind: "ended", errorCode: null });
  });

  it("hold nobody up: a slow client's stream waits at the worker, within its window", async () => {
    const text = "x".repeat(10_000);
    const count = 100;
    let sent = 0;
    const gate = createGate();
    const worker = await openWorker(async ({ send }, { job_id: id }) => {
      if (id === "first") await gate.opened;
      const tokens = id === "first" ? 0 : count;
      for (let index = 0; index < tokens; index += 1) {
        await send(token(index, text));
        if (id === "slow") sent += 1;
      }
      await send(done);
    });
    const inference = createInference();
    const first = await inference.open(orderFor(worker.url, "first"));
    const slow = await inference.open(orderFor(worker.url, "slow"));
    const client = createGate();
    const { target, tokens } = targetFor();
    const held = {
      ...target,
      sendFrames: (bytes: Uint8Array) => {
        void target.sendFrames(bytes);
        return client.opened;
      },
    };
    const slowEnd = slow.relay(held);
    const quick = await inference.open(orderFor(worker.url, "quick"));
    const others = targetFor();
    assert.deepEqual(await quick.relay(others.target), { kind: "ended", errorCode: null });
    assert.equal(others.tokens(), count);
    assert.equal(tokens(), 1, "the slow one has the first event only");
    const most = sizes.frameWindowBytes / text.length + 1;
    await eventually(() => sent > most - 3);
    assert.ok(sent <= most, `${sent} events are on their way, the window is ${most}`);
    client.open();
    assert.deepEqual(await slowEnd, { kind: "ended", errorCode: null });
    assert.equal(tokens(), count, "nothing is lost");
    assert.ok(worker.grants.length > 0);
    first.close();
    gate.open();
  });

  it("end one by one: who is cancelled is told to the worker, the others go on", async () => {
    const gate = createGate();
    const worker = await openWorker(async ({ send }) => {
      await send(token(0));
      await gate.opened;
      await send(done);
    });
    const inference = createInference();
    const first = await inference.open(orderFor(worker.url, "a"));
    const client = new AbortController();
    const second = await inference.open(orderFor(worker.url, "b"));
    const third = await inference.open(orderFor(worker.url, "c"));
    const ends = [first, third].map((open) => open.relay(targetFor().target));
    const cancelled = second.relay(targetFor({ signal: client.signal }).target);
    client.abort(new RbeeError("REQUEST_CANCELED", {}));
    await assert.rejects(cancelled, (error) => RbeeError.is(error, "REQUEST_CANCELED"));
    await eventually(() => worker.cancelled.includes("b"));
    gate.open();
    for (const end of ends) assert.deepEqual(await end, { kind: "ended", errorCode: null });
  });
});
