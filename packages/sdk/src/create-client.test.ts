import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { errorToWire, RbeeError } from "@rbee/contract";
import { createHiveClient, createQueenClient } from "./clients.ts";
import { TransportError } from "./transport-error.ts";

const baseUrl = "http://127.0.0.1:1";

describe("the client", () => {
  it("builds address, query, key and correlation id, and reads the answer", async () => {
    let seen: { url: string; init: RequestInit | undefined } | undefined;
    const client = createQueenClient({
      baseUrl,
      key: () => "secret",
      fetch: (url, init) => {
        seen = { url, init };
        return Promise.resolve(Response.json({ workers: [] }));
      },
    });
    const answer = await client.call("listWorkers", {
      query: { node: "mac" },
      correlationId: "c1",
    });
    assert.deepEqual(answer, { workers: [] });
    assert.equal(seen?.url, `${baseUrl}/v2/workers/list?node=mac`);
    const headers = new Headers(seen?.init?.headers);
    assert.equal(headers.get("authorization"), "Bearer secret");
    assert.equal(headers.get("x-correlation-id"), "c1");
  });

  it("encodes parameters of the path", async () => {
    let url = "";
    const client = createHiveClient({
      baseUrl,
      fetch: (address) => {
        url = address;
        return Promise.resolve(Response.json({ success: true, message: "gone" }));
      },
    });
    await client.call("stopWorker", { params: { id: "a/b" } });
    assert.equal(url, `${baseUrl}/v1/workers/a%2Fb`);
  });

  it("throws the error that the other side answered with", async () => {
    const error = errorToWire(new RbeeError("NODE_NOT_FOUND", { node: "mac" }), "c1");
    const client = createQueenClient({
      baseUrl,
      fetch: () => Promise.resolve(Response.json({ error }, { status: 404 })),
    });
    await assert.rejects(
      client.call("listTasks"),
      (thrown) => RbeeError.is(thrown, "NODE_NOT_FOUND") && thrown.details.node === "mac",
    );
  });

  it("says that something else answers when an error is no error of ours", async () => {
    const client = createQueenClient({
      baseUrl,
      fetch: () => Promise.resolve(new Response("<html>", { status: 404 })),
    });
    await assert.rejects(
      client.call("health"),
      (thrown) => thrown instanceof TransportError && thrown.failure === "not-rbee",
    );
  });

  it("says where an answer breaks its contract", async () => {
    const client = createQueenClient({
      baseUrl,
      fetch: () => Promise.resolve(Response.json({ workers: [{ worker_id: 1 }] })),
    });
    await assert.rejects(
      client.call("listWorkers"),
      (thrown) =>
        RbeeError.is(thrown, "INVALID_RESPONSE") &&
        /workers\.0\.worker_id/.test(thrown.details.found),
    );
  });

  it("tells a refused connection from a host that stays silent", async () => {
    const listener = createServer().listen(0, "127.0.0.1");
    await once(listener, "listening");
    const { port } = listener.address() as AddressInfo;
    await new Promise((resolve) => listener.close(resolve));
    const client = createQueenClient({ baseUrl: `http://127.0.0.1:${port}` });
    await assert.rejects(
      client.call("health"),
      (thrown) => thrown instanceof TransportError && thrown.failure === "refused",
    );
    const silent = createQueenClient({
      baseUrl,
      fetch: (_url, init) =>
        new Promise((_resolve, reject) => {
          init?.signal?.addEventListener("abort", () => reject(new Error("aborted")));
        }),
    });
    await assert.rejects(
      silent.call("health", { timeoutMs: 20 }),
      (thrown) => thrown instanceof TransportError && thrown.failure === "timeout",
    );
  });
});
