import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defineRoutes } from "@rbee/contract";
import { z } from "zod";
import { createApp } from "./create-app.ts";
import { createLogger } from "./create-logger.ts";
import { createMetrics } from "./metrics.ts";

const origin = "https://app.example.org";
const routes = defineRoutes({
  hello: {
    method: "get",
    path: "/hello",
    summary: "h",
    answer: z.object({ ok: z.boolean() }),
    errors: [],
  },
});

function open(allowed: readonly string[], key?: string) {
  return createApp({
    program: "test",
    version: "0",
    routes,
    handlers: { hello: () => ({ ok: true }) },
    currentKey: () => key,
    logger: createLogger({ program: "test", sinks: [] }),
    metrics: createMetrics("test"),
    allowedOrigins: () => allowed,
  });
}

function ask(app: ReturnType<typeof open>, from: string | undefined, init: RequestInit = {}) {
  const headers = { host: "127.0.0.1:80", ...(from === undefined ? {} : { origin: from }) };
  return app.request("http://127.0.0.1/hello", {
    ...init,
    headers: { ...headers, ...init.headers },
  });
}

describe("the origins that may ask", () => {
  it("are answered with what their browsers want to hear, also when they are refused", async () => {
    const answer = await ask(open([origin]), origin);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("access-control-allow-origin"), origin);
    assert.match(answer.headers.get("access-control-expose-headers") ?? "", /X-Rbee-Node/);
    assert.match(answer.headers.get("vary") ?? "", /Origin/);
    const refused = await ask(open([origin], "a-key-of-sixteen"), origin);
    assert.equal(refused.status, 401);
    assert.equal(refused.headers.get("access-control-allow-origin"), origin);
  });

  it("may ask ahead without a key, and with any header", async () => {
    const answer = await ask(open([origin], "a-key-of-sixteen"), origin, {
      method: "OPTIONS",
      headers: {
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,x-stainless-lang",
      },
    });
    assert.equal(answer.status, 204);
    assert.equal(answer.headers.get("access-control-allow-origin"), origin);
    assert.match(answer.headers.get("access-control-allow-headers") ?? "", /x-stainless-lang/);
    assert.match(answer.headers.get("access-control-allow-methods") ?? "", /POST/);
  });

  it("are the configured ones and no others; a star means all", async () => {
    const other = "https://other.example.org";
    const refused = await ask(open([origin]), other);
    assert.equal(refused.status, 403);
    assert.equal(refused.headers.get("access-control-allow-origin"), null);
    assert.equal((await ask(open([]), origin)).status, 403);
    const ahead = await ask(open([origin]), other, { method: "OPTIONS" });
    assert.equal(ahead.headers.get("access-control-allow-origin"), null);
    const any = await ask(open(["*"]), other);
    assert.equal(any.status, 200);
    assert.equal(any.headers.get("access-control-allow-origin"), other);
  });

  it("open no door for foreign names that lead here, and none for programs is closed", async () => {
    const answer = await ask(open(["*"]), origin, { headers: { host: "rebind.example.org" } });
    assert.equal(answer.status, 403);
    const program = await ask(open([origin]), undefined);
    assert.equal(program.status, 200);
    assert.equal(program.headers.get("access-control-allow-origin"), null);
  });
});
