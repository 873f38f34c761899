import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { defineRoutes } from "@rbee/contract";
import { z } from "zod";
import { createApp } from "./create-app.ts";
import { createLogger } from "./create-logger.ts";
import { createServer } from "./create-server.ts";
import { createMetrics } from "./metrics.ts";

const answer = z.object({ name: z.string() });
const routes = defineRoutes({
  make: { method: "post", path: "/bees", summary: "m", body: z.object({}), answer, errors: [] },
  look: { method: "get", path: "/bees/:name", summary: "l", answer, errors: [] },
  drop: { method: "delete", path: "/bees/:name", summary: "d", answer, errors: [] },
  open: { method: "get", path: "/hub/:name", isPathOpen: true, summary: "o", answer, errors: [] },
  absent: { method: "get", path: "/absent", summary: "a", errors: [] },
});

const nameOf = ({ params }: { readonly params: Readonly<Record<string, string>> }) => ({
  name: params["name"] ?? "",
});
const app = createApp({
  program: "queen-rbee",
  version: "0.1.0",
  routes,
  currentKey: () => undefined,
  logger: createLogger({ program: "test", sinks: [{ write: () => {} }] }),
  metrics: createMetrics("test"),
  handlers: { make: () => ({ name: "new" }), look: nameOf, drop: nameOf, open: nameOf },
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

const ask = (method: string, path: string) => fetch(base + path, { method });
const errorOf = async (response: Response) =>
  ((await response.json()) as { error: { code: string; details: Record<string, unknown> } }).error;

describe("a path that exists", () => {
  it("asked with another method tells which it takes", async () => {
    const expected = [
      ["PUT", "/bees/maja", "DELETE, GET, HEAD"],
      ["GET", "/bees", "POST"],
      ["POST", "/hub/org/model", "GET, HEAD"],
      ["DELETE", "/metrics", "GET, HEAD"],
      ["PATCH", "/v1/bees", undefined],
      ["POST", "/absent", undefined],
    ] as const;
    for (const [method, path, allowed] of expected) {
      const response = await ask(method, path);
      assert.equal(response.headers.get("allow") ?? undefined, allowed, `${method} ${path}`);
      assert.equal(response.status, allowed === undefined ? 404 : 405, `${method} ${path}`);
      const { code, details } = await errorOf(response);
      assert.equal(code, allowed === undefined ? "NOT_FOUND" : "METHOD_NOT_ALLOWED");
      if (allowed !== undefined) assert.deepEqual(details["allowed"], allowed.split(", "));
    }
  });

  it("answers OPTIONS with its methods, and HEAD as GET without a body", async () => {
    const options = await ask("OPTIONS", "/bees/maja");
    assert.equal(options.status, 204);
    assert.equal(options.headers.get("allow"), "DELETE, GET, HEAD");
    const head = await ask("HEAD", "/bees/maja");
    assert.equal(head.status, 200);
    assert.equal(await head.text(), "");
    assert.equal((await ask("OPTIONS", "/nowhere")).status, 404);
  });

  it("is the same with a slash at its end", async () => {
    assert.deepEqual(await (await ask("GET", "/bees/maja/")).json(), { name: "maja" });
    assert.equal((await ask("PUT", "/bees/maja/")).status, 405);
  });

  it("is refused when a part of it cannot be decoded", async () => {
    for (const path of ["/bees/%ff", "/bees/%", "/bees/%zz", "/hub/a/%c0%af"]) {
      const response = await ask("GET", path);
      assert.equal(response.status, 400, path);
      assert.equal((await errorOf(response)).code, "INVALID_REQUEST");
    }
    assert.deepEqual(await (await ask("GET", "/bees/ma%C3%AFa%2F1")).json(), { name: "maïa/1" });
  });
});

describe("a body", () => {
  const send = (type: string | undefined, body: string | Blob = "{}") =>
    fetch(`${base}/bees`, {
      method: "POST",
      body: typeof body === "string" ? new Blob([body]) : body,
      headers: type === undefined ? {} : { "content-type": type },
    });

  it("is read as JSON whether it says so, says nothing, or comes as curl sends it", async () => {
    const types = [
      undefined,
      "application/json",
      "application/json; charset=utf-8",
      "Application/JSON",
      "application/merge-patch+json",
      "text/plain",
      "application/x-www-form-urlencoded",
    ];
    for (const type of types) assert.equal((await send(type)).status, 200, type);
  });

  it("of another kind is refused, with the kind", async () => {
    const types = ["multipart/form-data; boundary=x", "application/octet-stream", "image/png", "?"];
    for (const type of types) {
      const response = await send(type);
      assert.equal(response.status, 415, type);
      const { code, details } = await errorOf(response);
      assert.equal(code, "UNSUPPORTED_MEDIA_TYPE");
      assert.equal(details["content_type"], type.split(";")[0]);
    }
  });
});
