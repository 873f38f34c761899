import assert from "node:assert/strict";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { defineRoutes, RbeeError } from "@rbee/contract";
import { z } from "zod";
import { createApp } from "./create-app.ts";
import { createLogger } from "./create-logger.ts";
import { createServer } from "./create-server.ts";
import { createMetrics } from "./metrics.ts";
import type { SseWriter } from "./sse-response.ts";

const key = "0123456789abcdef";
const routes = defineRoutes({
  health: {
    method: "get",
    path: "/health",
    summary: "h",
    needsKey: false,
    answer: z.object({ ok: z.boolean() }),
    errors: [],
  },
  echo: {
    method: "post",
    path: "/echo/:name",
    summary: "e",
    body: z.strictObject({ count: z.int().max(5), word: z.string() }),
    answer: z.object({ name: z.string(), word: z.string() }),
    errors: ["NODE_NOT_FOUND"],
  },
  events: { method: "get", path: "/events", summary: "s", events: z.object({}), errors: [] },
  slow: { method: "get", path: "/slow", summary: "w", answer: z.object({}), errors: [] },
  absent: { method: "get", path: "/absent", summary: "a", errors: [] },
});

let produce: (writer: SseWriter) => Promise<void> = async () => {};
const lines: string[] = [];
let isKeyless = false;
const app = createApp({
  program: "queen-rbee",
  version: "0.1.0",
  routes,
  currentKey: () => (isKeyless ? undefined : key),
  logger: createLogger({ program: "test", sinks: [{ write: (line) => lines.push(line) }] }),
  metrics: createMetrics("test"),
  bodyMaxBytes: 500,
  keepAliveMs: () => 20,
  handlers: {
    health: () => ({ ok: true }),
    echo: ({ params, body }) => {
      if (body.word === "missing") throw new RbeeError("NODE_NOT_FOUND", { node: "mac" });
      if (body.word === "broken") throw new Error(`inside ${key}`);
      return { name: params["name"] ?? "", word: body.word };
    },
    events: (call) => call.stream((writer) => produce(writer)),
    slow: ({ signal }) =>
      new Promise<never>((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason as Error));
      }),
  },
});

const server = createServer(app);
let base = "";
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.close();
  server.closeAllConnections();
});

const authorization = { authorization: `Bearer ${key}` };
const post = (body: string, headers: Record<string, string> = authorization) =>
  fetch(`${base}/echo/bee`, { method: "POST", body, headers });
// Neither a length nor chunks: what `curl -X POST` sends.
const sendWithoutBody = async () => {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  const socket = connect(Number(new URL(base).port), "127.0.0.1");
  socket.end(`POST /echo/bee HTTP/1.1\r\nHost: bee\r\nAuthorization: Bearer ${key}\r\n\r\n`);
  const chunks: string[] = [];
  socket
    .setEncoding("utf8")
    .on("data", (text: string) => chunks.push(text))
    .on("error", reject);
  socket.on("data", () => {
    const [, body] = chunks.join("").split("\r\n\r\n");
    if (body !== undefined && body !== "") resolve(new Response(body));
  });
  return await promise.finally(() => socket.destroy());
};
const errorOf = async (response: Response) =>
  ((await response.json()) as { error: { code: string; details: Record<string, unknown> } }).error;

describe("an app", () => {
  it("answers health without a key, on both paths", async () => {
    for (const path of ["/health", "/v1/health"]) {
      assert.deepEqual(await (await fetch(`${base}${path}`)).json(), { ok: true });
    }
  });

  it("tells a missing key from a wrong one, and names its program", async () => {
    const missing = await post("{}", {});
    assert.equal(missing.status, 401);
    assert.equal(missing.headers.get("www-authenticate"), "Bearer");
    assert.equal((await errorOf(missing)).code, "MISSING_API_KEY");
    const wrong = await post("{}", { authorization: "Bearer wrong" });
    const error = await errorOf(wrong);
    assert.equal(error.code, "INVALID_API_KEY");
    assert.equal(error.details["program"], "queen-rbee");
  });

  it("without a key it answers programs, and no web page of another site", async () => {
    isKeyless = true;
    try {
      const body = JSON.stringify({ count: 1, word: "w" });
      assert.equal((await post(body, {})).status, 200);
      const page = { origin: "https://example.org", "content-type": "text/plain" };
      const refused = await post(body, page);
      assert.equal(refused.status, 403);
      assert.equal((await errorOf(refused)).code, "FOREIGN_SITE");
    } finally {
      isKeyless = false;
    }
  });

  it("passes parameters and the body, and echoes the correlation id", async () => {
    const headers = { ...authorization, "x-correlation-id": "abc-1" };
    const response = await post(JSON.stringify({ count: 1, word: "hi" }), headers);
    assert.deepEqual(await response.json(), { name: "bee", word: "hi" });
    assert.equal(response.headers.get("x-correlation-id"), "abc-1");
  });

  it("makes a correlation id when the offered one is malformed", async () => {
    const headers = { ...authorization, "x-correlation-id": "a b" };
    const response = await post(JSON.stringify({ count: 1, word: "hi" }), headers);
    assert.match(response.headers.get("x-correlation-id") ?? "", /^[0-9a-f-]{36}$/);
  });

  it("names every wrong field at once", async () => {
    const error = await errorOf(await post(JSON.stringify({ count: 9, extra: true })));
    assert.equal(error.code, "INVALID_REQUEST");
    const fields = (error.details["errors"] as { field: string }[]).map((entry) => entry.field);
    assert.deepEqual(fields.toSorted(), ["count", "extra", "word"]);
  });

  it("refuses what is not JSON, and what is too large", async () => {
    assert.equal((await errorOf(await post("{"))).code, "INVALID_REQUEST");
    const large = await post(JSON.stringify({ count: 1, word: "x".repeat(600) }));
    assert.equal(large.status, 413);
    assert.equal((await errorOf(large)).code, "PAYLOAD_TOO_LARGE");
  });

  it("reads bodies of unknown length, none at all, and refuses those that grow too large", async () => {
    const send = (text: string) =>
      fetch(`${base}/echo/bee`, {
        method: "POST",
        body: new Blob([text]).stream(),
        headers: authorization,
        duplex: "half",
      });
    assert.equal((await send(JSON.stringify({ count: 1, word: "hi" }))).status, 200);
    assert.equal((await errorOf(await send("x".repeat(600)))).code, "PAYLOAD_TOO_LARGE");
    assert.equal((await errorOf(await sendWithoutBody())).code, "INVALID_REQUEST");
  });

  it("answers catalogue errors with their status, and hides everything else", async () => {
    const missing = await post(JSON.stringify({ count: 1, word: "missing" }));
    assert.equal(missing.status, 404);
    const broken = await post(JSON.stringify({ count: 1, word: "broken" }));
    assert.equal(broken.status, 500);
    assert.ok(!(await broken.text()).includes(key));
  });

  it("answers 404 for unknown paths and for operations without a handler", async () => {
    for (const path of ["/nowhere", "/absent"]) {
      const response = await fetch(`${base}${path}`, { headers: authorization });
      assert.equal((await errorOf(response)).code, "NOT_FOUND");
    }
  });

  it("publishes what is mounted, and its metrics", async () => {
    const document = (await (await fetch(`${base}/openapi.json`)).json()) as {
      paths: Record<string, unknown>;
    };
    assert.ok("/echo/{name}" in document.paths);
    assert.ok(!("/absent" in document.paths));
    const metrics = await (await fetch(`${base}/metrics`)).text();
    assert.match(metrics, /rbee_http_requests_total\{route="echo",status="200"/);
  });

  it("ends a request whose deadline has passed, before and while it runs", async () => {
    const past = { ...authorization, "x-request-deadline": new Date(0).toISOString() };
    const late = await fetch(`${base}/slow`, { headers: past });
    assert.equal(late.status, 408);
    const soon = { ...authorization, "x-deadline": String(Date.now() + 50) };
    const during = await fetch(`${base}/slow`, { headers: soon });
    assert.equal((await errorOf(during)).code, "REQUEST_TIMEOUT");
    const wrong = { ...authorization, "x-request-deadline": "tomorrow" };
    assert.equal((await fetch(`${base}/slow`, { headers: wrong })).status, 400);
  });
});

describe("an event stream", () => {
  const read = async () => (await fetch(`${base}/events`, { headers: authorization })).text();

  it("carries events, then [DONE]", async () => {
    produce = async (writer) => {
      await writer.send({ type: "done" });
    };
    assert.equal(await read(), 'data: {"type":"done"}\n\ndata: [DONE]\n\n');
  });

  it("turns a thrown error into the one terminal event", async () => {
    produce = () => Promise.reject(new RbeeError("NODE_NOT_FOUND", { node: "mac" }));
    const frames = (await read()).trim().split("\n\n");
    assert.equal(frames.length, 2);
    assert.match(frames[0] ?? "", /"type":"error".*NODE_NOT_FOUND/);
    assert.equal(frames[1], "data: [DONE]");
  });

  it("sends keep-alive comments while nothing else is said", async () => {
    produce = async () => {
      await new Promise((resolve) => setTimeout(resolve, 90));
    };
    assert.match(await read(), /^: keep-alive\n\n/);
  });

  it("tells the producer when the reader is gone", async () => {
    const gone = Promise.withResolvers<unknown>();
    produce = async ({ signal, send }) => {
      await send({ type: "token" });
      await new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => {
          gone.resolve(signal.reason);
          resolve();
        });
      });
    };
    const controller = new AbortController();
    const response = await fetch(`${base}/events`, {
      headers: authorization,
      signal: controller.signal,
    });
    await response.body?.getReader().read();
    controller.abort();
    assert.ok(RbeeError.is(await gone.promise, "REQUEST_CANCELED"));
  });

  it("waits for a slow reader instead of buffering without end", async () => {
    let sent = 0;
    let hasWaited = false;
    produce = async ({ send, signal }) => {
      const text = "x".repeat(64 * 1024);
      while (!signal.aborted && !hasWaited && sent < 2000) {
        const drained = send({ text });
        sent += 1;
        if (drained === undefined) continue;
        hasWaited = true;
        await drained;
      }
    };
    const response = await fetch(`${base}/events`, { headers: authorization });
    const text = await response.text();
    assert.ok(hasWaited && sent < 2000, `${sent} events without waiting`);
    assert.ok(text.endsWith("data: [DONE]\n\n"));
  });

  it("piles up no keep-alive comments for a reader that does not read", async () => {
    let isTaken = false;
    produce = async ({ send }) => {
      // More than anybody takes who does not read.
      await send({ text: "x".repeat(32 * 1024 * 1024) });
      isTaken = true;
    };
    const response = await fetch(`${base}/events`, { headers: authorization });
    // Time for twenty of them.
    await wait(400);
    assert.equal(isTaken, false, "the reader does not read");
    const text = await response.text();
    const comments = text.split(": keep-alive").length - 1;
    assert.ok(comments < 5, `${comments} comments`);
  });

  it("works without a socket, for programs joined in one process", async () => {
    produce = async (writer) => {
      await writer.send({ type: "done" });
    };
    const response = await app.request("/events", { headers: authorization });
    assert.equal(await response.text(), 'data: {"type":"done"}\n\ndata: [DONE]\n\n');
  });
});

// Last: it leaves this client slowed down for a second.
describe("a client that makes many mistakes", () => {
  it("is slowed down after fifty wrong requests in a second, and still told who lives", async (context) => {
    isKeyless = true;
    context.after(() => (isKeyless = false));
    const asked: Promise<Response>[] = [];
    const answers = await Promise.all(
      Array.from({ length: 300 }, async (_value, index) => {
        const answer = await post("{}", {});
        if (index % 10 === 9) asked.push(fetch(`${base}/health`));
        return answer;
      }),
    );
    const wrong = answers.filter(({ status }) => status === 400);
    const refused = answers.filter(({ status }) => status === 429);
    const [first] = refused;
    assert.ok(first !== undefined, "none of 300 at once is refused");
    assert.equal((await errorOf(first)).code, "RATE_LIMITED");
    assert.equal(first.headers.get("retry-after"), "1");
    assert.equal(wrong.length + refused.length, answers.length);
    // Requests of the tests above may still count.
    assert.ok(wrong.length > 10, `refused after ${wrong.length}`);
    assert.ok((await Promise.all(asked)).every(({ status }) => status === 200));
  });
});
