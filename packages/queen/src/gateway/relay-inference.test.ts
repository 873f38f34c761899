import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { errorToWire, RbeeError } from "@rbee/contract";
import { eventually } from "@rbee/testkit";
import type { InferenceOrder, RelayTarget } from "../ports.ts";
import { WorkerSilence } from "../ports.ts";
import { createInference } from "./relay-inference.ts";

type Answer = (response: ServerResponse) => void | Promise<void>;

const frame = (event: object) => `data: ${JSON.stringify(event)}\n\n`;
const token = (index: number) => frame({ type: "token", token: "wörld", index });
const done = frame({ type: "done", done: true });
const over = "data: [DONE]\n\n";

// A real HTTP upstream that behaves as each test wants; what it saw is kept.
async function openUpstream(answer: Answer) {
  const seen: { method?: string; url?: string; headers: IncomingMessage["headers"] }[] = [];
  const sockets = new Set<unknown>();
  const server = createServer((request, response) => {
    seen.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers });
    sockets.add(request.socket);
    request.resume();
    if (request.method === "DELETE") response.writeHead(204).end();
    else void answer(response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${port}`, seen, sockets, server };
}

function orderFor(url: string, change: Partial<InferenceOrder["hop"]> = {}): InferenceOrder {
  const { signal } = new AbortController();
  const correlation = { correlationId: "c1", traceparent: "00-1-2-01" };
  return {
    address: { url, apiKey: "secret-of-the-worker" },
    taskId: "t1",
    body: { prompt: "hi", job_id: "t1" },
    hop: { ...correlation, deadline: new Date(Date.now() + 60_000), signal, ...change },
  };
}

function targetFor(signal = new AbortController().signal) {
  const parts: Uint8Array[] = [];
  let tokens = 0;
  const target: RelayTarget = {
    signal,
    sendFrames(frames) {
      parts.push(frames);
      return undefined;
    },
    countTokens: (count) => void (tokens += count),
    notePromptTokens: () => {},
    tokenStallMs: 60_000,
  };
  return { target, text: () => Buffer.concat(parts).toString("utf8"), tokens: () => tokens };
}

// What follows the terminal event has been read and the connection waits for the next request.
async function becomesIdle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
}

function streamHead(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
}

describe("relaying an inference", () => {
  it("brings every frame unchanged, in awkward chunks, and counts the tokens", async () => {
    const text = Array.from({ length: 40 }, (_value, index) => token(index)).join("") + done;
    const upstream = await openUpstream(async (response) => {
      streamHead(response);
      const bytes = Buffer.from(text + over);
      for (let at = 0; at < bytes.length; at += 37) {
        response.write(bytes.subarray(at, at + 37));
        await nextTurn();
      }
      response.end();
    });
    const open = await createInference().open(orderFor(upstream.url));
    const { target, text: sent, tokens } = targetFor();
    assert.deepEqual(await open.relay(target), { kind: "ended", errorCode: null });
    assert.equal(sent(), text);
    assert.equal(tokens(), 40);
  });

  it("carries key, correlation, trace and deadline to the worker", async () => {
    const upstream = await openUpstream((response) => {
      streamHead(response);
      response.end(done + over);
    });
    const order = orderFor(upstream.url);
    await (await createInference().open(order)).relay(targetFor().target);
    const headers = upstream.seen[0]?.headers;
    assert.equal(headers?.authorization, "Bearer secret-of-the-worker");
    assert.equal(headers?.["x-correlation-id"], "c1");
    assert.equal(headers?.["traceparent"], "00-1-2-01");
    assert.equal(headers?.["x-request-deadline"], order.hop.deadline?.toISOString());
  });

  it("serves the next request over the same connection", async () => {
    const upstream = await openUpstream((response) => {
      streamHead(response);
      response.write(done);
      setImmediate(() => response.end(over));
    });
    const inference = createInference();
    for (let round = 0; round < 3; round += 1) {
      await (await inference.open(orderFor(upstream.url))).relay(targetFor().target);
      await becomesIdle();
    }
    assert.equal(upstream.sockets.size, 1);
  });

  it("asks again when the worker had closed the kept connection meanwhile", async () => {
    const upstream = await openUpstream((response) => {
      streamHead(response);
      response.end(done + over);
    });
    const inference = createInference();
    await (await inference.open(orderFor(upstream.url))).relay(targetFor().target);
    await becomesIdle();
    upstream.server.closeIdleConnections();
    const { target, text } = targetFor();
    await (await inference.open(orderFor(upstream.url))).relay(target);
    assert.equal(text(), done);
  });

  it("tells a stream that ends without a terminal event, and one that is cut", async () => {
    const half = `data: {"type":"tok`;
    const ends: [string, Answer][] = [
      ["", (response) => void response.end(over)],
      [half, (response) => void response.end()],
      [half, (response) => void response.destroy()],
    ];
    for (const [last, end] of ends) {
      const upstream = await openUpstream((response) => {
        streamHead(response);
        response.write(token(0) + token(1) + last, () => void end(response));
      });
      const { target, text, tokens } = targetFor();
      const open = await createInference().open(orderFor(upstream.url));
      assert.deepEqual(await open.relay(target), { kind: "broken" });
      assert.equal(text(), token(0) + token(1), "half a frame is never passed on");
      assert.equal(tokens(), 2);
    }
  });

  it("calls five seconds without a byte silence, but not while keep-alives come", async () => {
    const upstream = await openUpstream((response) => {
      streamHead(response);
      response.write(token(0));
      setTimeout(() => response.write(": keep-alive\n\n"), 2500).unref();
    });
    const startedAt = performance.now();
    const open = await createInference().open(orderFor(upstream.url));
    assert.deepEqual(await open.relay(targetFor().target), { kind: "silent" });
    const seconds = (performance.now() - startedAt) / 1000;
    assert.ok(seconds > 7 && seconds < 7.8, `after ${seconds} s`);
  });

  it("stops reading from the worker while the client is slow", async () => {
    const big = frame({ type: "token", token: "x".repeat(60_000), index: 0 });
    let heldUpAt: number | undefined;
    const upstream = await openUpstream(async (response) => {
      streamHead(response);
      for (let count = 0; count < 200; count += 1) {
        if (response.write(big)) continue;
        const drained = once(response, "drain");
        heldUpAt ??= performance.now();
        void drained.then(() => (heldUpAt = undefined));
        await drained;
      }
      response.end(done + over);
    });
    let release = () => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    let sent = 0;
    const target: RelayTarget = {
      signal: new AbortController().signal,
      countTokens: () => {},
      notePromptTokens: () => {},
      tokenStallMs: 60_000,
      sendFrames(frames) {
        sent += frames.length;
        return gate;
      },
    };
    const open = await createInference().open(orderFor(upstream.url));
    const end = open.relay(target);
    await eventually(() => heldUpAt !== undefined && performance.now() - heldUpAt > 200);
    assert.ok(sent < big.length * 100, "the rest waits at the worker");
    release();
    assert.deepEqual(await end, { kind: "ended", errorCode: null });
    assert.equal(sent, big.length * 200 + done.length, "and nothing is lost");
  });

  it("ends a stream that stays alive without tokens", async () => {
    const upstream = await openUpstream((response) => {
      streamHead(response);
      response.write(token(0));
      const beat = setInterval(() => response.write(": keep-alive\n\n"), 50);
      response.once("close", () => clearInterval(beat));
    });
    const { target } = targetFor();
    const open = await createInference().open(orderFor(upstream.url));
    assert.deepEqual(await open.relay({ ...target, tokenStallMs: 300 }), { kind: "stalled" });
  });

  it("closes the worker's stream when the client is gone, and says so to the worker", async () => {
    const { promise: isClosed, resolve } = Promise.withResolvers<void>();
    const upstream = await openUpstream((response) => {
      streamHead(response);
      response.write(token(0));
      response.once("close", resolve);
    });
    const inference = createInference();
    const client = new AbortController();
    const order = orderFor(upstream.url);
    const relayed = (await inference.open(order)).relay(targetFor(client.signal).target);
    client.abort(new RbeeError("REQUEST_CANCELED", {}));
    await assert.rejects(relayed, (error) => RbeeError.is(error, "REQUEST_CANCELED"));
    await isClosed;
    await inference.cancel(order.address, order.taskId);
    assert.deepEqual(upstream.seen.at(-1)?.url, "/v1/inference/t1");
    assert.deepEqual(upstream.seen.at(-1)?.method, "DELETE");
  });

  it("throws what the worker refused with; a refused key names its host", async () => {
    const busy = new RbeeError("ALL_SLOTS_BUSY", { slots_total: 1, slots_busy: 1 });
    const refusals = [busy, new RbeeError("INVALID_API_KEY", { program: "llm-worker-rbee" })];
    const upstream = await openUpstream((response) => {
      response.writeHead(503, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: errorToWire(refusals.shift(), "c1") }));
    });
    const ask = () => createInference().open(orderFor(upstream.url));
    await assert.rejects(ask(), (error) => {
      assert.ok(RbeeError.is(error, "ALL_SLOTS_BUSY"));
      assert.deepEqual(error.details, busy.details);
      return true;
    });
    await assert.rejects(ask(), (error) => {
      assert.ok(RbeeError.is(error, "INVALID_API_KEY"));
      assert.equal(`http://${error.details.host}`, upstream.url);
      return true;
    });
  });

  it("tells an answer that is not ours, nobody there, and somebody silent apart", async () => {
    const html = await openUpstream((response) => void response.writeHead(404).end("<html>"));
    await assert.rejects(createInference().open(orderFor(html.url)), (error) =>
      RbeeError.is(error, "INVALID_RESPONSE"),
    );
    const silent = await openUpstream(() => {});
    await assert.rejects(
      createInference().open(orderFor(silent.url)),
      (error) => error instanceof WorkerSilence && error.kind === "silent",
    );
    const closed = await openUpstream(() => {});
    closed.server.close();
    await assert.rejects(
      createInference().open(orderFor(closed.url)),
      (error) => error instanceof WorkerSilence && error.kind === "refused",
    );
  });
});
