import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { errorStatus, errorToWire, RbeeError } from "@rbee/contract";
import { eventually } from "@rbee/testkit";
import { createRbee } from "./create-rbee.ts";
import type { RbeeOptions } from "./create-rbee.ts";
import { TransportError } from "./transport-error.ts";

type Reaction = (outgoing: ServerResponse, incoming: IncomingMessage) => void;

interface Served extends AsyncDisposable {
  readonly seen: IncomingMessage[];
  readonly rbee: ReturnType<typeof createRbee>;
}

/** A server that reacts to each request in turn, the last way to all that follow. */
async function serve(reactions: readonly Reaction[], options: RbeeOptions = {}): Promise<Served> {
  const seen: IncomingMessage[] = [];
  const server = createServer((incoming, outgoing) => {
    seen.push(incoming);
    reactions[Math.min(seen.length, reactions.length) - 1]?.(outgoing, incoming);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    seen,
    rbee: createRbee({ baseUrl: `http://127.0.0.1:${port}/`, ...options }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const json = (value: unknown): Reaction => {
  return (outgoing) => {
    outgoing.setHeader("content-type", "application/json");
    outgoing.end(JSON.stringify(value));
  };
};
const refuse = (error: RbeeError, headers: Record<string, string> = {}): Reaction => {
  return (outgoing) => {
    outgoing.writeHead(errorStatus(error), { "content-type": "application/json", ...headers });
    outgoing.end(JSON.stringify({ error: errorToWire(error, "c1") }));
  };
};
const stream = (events: readonly object[], end = "data: [DONE]\n\n"): Reaction => {
  return (outgoing) => {
    outgoing.writeHead(200, { "content-type": "text/event-stream" });
    for (const event of events) outgoing.write(`data: ${JSON.stringify(event)}\n\n`);
    if (end !== "") outgoing.end(end);
  };
};
const reset: Reaction = (outgoing) => outgoing.destroy();

const queueFull = new RbeeError("QUEUE_FULL", {
  length: 100,
  limit: 100,
  retry_after_seconds: 1,
});
const token = (text: string, index: number) => ({ type: "token", token: text, index });
const done = {
  type: "done",
  done: true,
  total_tokens: 2,
  duration_ms: 1,
  stop_reason: "EOS",
  prompt_tokens: 3,
  time_to_first_token_ms: 1,
  tokens_per_sec: 1,
};
const noTasks = json({ tasks: [] });

describe("createRbee", () => {
  it("streams events, pieces of text, the whole text, and what it came to", async () => {
    const call = { type: "tool-call", index: 0, id: "c1", name: "f", arguments: '{"a"' };
    const rest = { type: "tool-call", index: 0, arguments: ":1}" };
    await using served = await serve([
      stream([token("Hello", 0), token("", 1), token(" bee", 2), call, rest, done]),
    ]);
    const { rbee } = served;
    const ask = () => rbee.infer({ model: "hello-bee", prompt: "Hi" });
    const types: string[] = [];
    for await (const event of ask()) types.push(event.type);
    assert.deepEqual(types, ["token", "token", "token", "tool-call", "tool-call", "done"]);
    const pieces: string[] = [];
    for await (const piece of ask().texts()) pieces.push(piece);
    assert.deepEqual(pieces, ["Hello", " bee"]);
    assert.equal(await ask().text(), "Hello bee");
    const result = await ask().result();
    assert.equal(result.text, "Hello bee");
    assert.deepEqual(result.tool_calls, [
      { id: "c1", type: "function", function: { name: "f", arguments: '{"a":1}' } },
    ]);
    assert.equal(result.stop_reason, "EOS");
    const answer = ask();
    await answer.text();
    await assert.rejects(answer.text(), /read already/);
  });

  it("asks at the address and with the key that it was given, asked for anew each time", async () => {
    const keys = ["one", "two"];
    await using served = await serve([noTasks], { apiKey: () => keys.shift() });
    await served.rbee.tasks.list({ correlationId: "mine" });
    await served.rbee.tasks.list();
    const [first, second] = served.seen.map(({ url, headers }) => [url, headers.authorization]);
    assert.deepEqual(first, ["/v2/tasks", "Bearer one"]);
    assert.deepEqual(second, ["/v2/tasks", "Bearer two"]);
    assert.equal(served.seen[0]?.headers["x-correlation-id"], "mine");
  });

  it("throws the error that a stream ends with, by its code", async () => {
    const error = errorToWire(new RbeeError("NODE_NOT_FOUND", { node: "mac" }), "c1");
    await using served = await serve([stream([token("Hello", 0), { type: "error", error }])]);
    const seen: string[] = [];
    const read = async () => {
      for await (const event of served.rbee.infer({ prompt: "Hi" })) seen.push(event.type);
    };
    await assert.rejects(read(), (thrown) => RbeeError.is(thrown, "NODE_NOT_FOUND"));
    assert.deepEqual(seen, ["token"]);
    assert.equal(served.seen.length, 1, "never again after the first token");
  });
});

describe("retries of the SDK", () => {
  it("come back as soon as the answer allows, for whatever was refused undone", async () => {
    const busy = refuse(queueFull, { "retry-after": "0" });
    await using served = await serve([busy, busy, stream([token("Hello", 0), done])]);
    assert.equal(await served.rbee.infer({ prompt: "Hi" }).text(), "Hello");
    assert.equal(served.seen.length, 3);
  });

  it("wait no less than Retry-After says", async () => {
    const busy = refuse(queueFull, { "retry-after": "1" });
    await using served = await serve([busy, noTasks]);
    const startedAt = performance.now();
    await served.rbee.tasks.list();
    assert.ok(performance.now() - startedAt >= 999);
  });

  it("are bounded, and can be switched off", async () => {
    await using served = await serve([refuse(queueFull, { "retry-after": "0" })]);
    const isFull = (thrown: unknown) => RbeeError.is(thrown, "QUEUE_FULL");
    await assert.rejects(served.rbee.tasks.list(), isFull);
    assert.equal(served.seen.length, 3);
    await assert.rejects(served.rbee.tasks.list({ retries: 0 }), isFull);
    assert.equal(served.seen.length, 4);
  });

  it("do not wait when the answer asks for more patience than a program has", async () => {
    await using served = await serve([refuse(queueFull, { "retry-after": "3600" })]);
    await assert.rejects(served.rbee.tasks.list(), (thrown) => RbeeError.is(thrown, "QUEUE_FULL"));
    assert.equal(served.seen.length, 1);
  });

  it("repeat after a broken connection only what changes nothing", async () => {
    await using reading = await serve([reset, noTasks]);
    assert.deepEqual(await reading.rbee.tasks.list(), { tasks: [] });
    await using changing = await serve([reset, noTasks]);
    const isReset = (thrown: unknown) =>
      thrown instanceof TransportError && thrown.failure === "reset";
    await assert.rejects(changing.rbee.workers.shutdown("w1"), isReset);
    assert.equal(changing.seen.length, 1);
    await using task = await serve([reset, stream([done])]);
    await assert.rejects(task.rbee.infer({ prompt: "Hi" }).text(), isReset);
    assert.equal(task.seen.length, 1);
  });

  it("do not repeat what stays wrong", async () => {
    await using served = await serve([refuse(new RbeeError("NODE_NOT_FOUND", { node: "mac" }))]);
    await assert.rejects(
      served.rbee.workers.list({ node: "mac" }),
      (thrown) => RbeeError.is(thrown, "NODE_NOT_FOUND") && thrown.details.node === "mac",
    );
    assert.equal(served.seen.length, 1);
  });

  it("take a proxy's refusal for what it is", async () => {
    const proxy: Reaction = (outgoing) => {
      outgoing.writeHead(503, { "retry-after": "0" }).end("<html>");
    };
    await using served = await serve([proxy, noTasks]);
    assert.deepEqual(await served.rbee.tasks.list(), { tasks: [] });
  });
});

describe("patience of the SDK", () => {
  it("ends when the answer does not come in time", async () => {
    await using served = await serve([() => {}], { retries: 0 });
    await assert.rejects(
      served.rbee.tasks.list({ timeoutMs: 30 }),
      (thrown) => thrown instanceof TransportError && thrown.failure === "timeout",
    );
  });

  it("ends when the caller says so: before an answer, in a stream, and in a wait", async () => {
    const reason = new Error("not wanted any more");
    const isReason = (thrown: unknown) => thrown === reason;
    for (const reaction of [
      () => {},
      stream([token("Hello", 0)], ""),
      refuse(queueFull, { "retry-after": "30" }),
    ]) {
      await using served = await serve([reaction]);
      const control = new AbortController();
      const answer = served.rbee.infer({ prompt: "Hi" }, { signal: control.signal }).text();
      const stop = async () => {
        await eventually(() => served.seen.length > 0);
        control.abort(reason);
      };
      await Promise.all([assert.rejects(answer, isReason), stop()]);
      assert.equal(served.seen.length, 1);
    }
  });

  it("lets go of the request when the reader leaves the loop", async () => {
    await using served = await serve([stream([token("Hello", 0)], "")]);
    for await (const _event of served.rbee.infer({ prompt: "Hi" })) break;
    const [request] = served.seen;
    assert.ok(request !== undefined);
    await eventually(() => request.socket.destroyed);
  });
});
