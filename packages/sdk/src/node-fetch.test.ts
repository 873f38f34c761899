import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import type { TestContext } from "node:test";
import { createHiveClient } from "./clients.ts";
import { nodeFetch } from "./node-fetch.ts";
import { readEventStream } from "./read-event-stream.ts";
import { TransportError } from "./transport-error.ts";

async function listen(context: TestContext, listener: RequestListener) {
  const server: Server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe("fetching over Node's own HTTP", () => {
  it("sends method, headers and body, and reads the answer", async (context) => {
    const { url } = await listen(context, (incoming, outgoing) => {
      void incoming.toArray().then((chunks: Buffer[]) => {
        const { method, headers } = incoming;
        const body = Buffer.concat(chunks).toString();
        outgoing.writeHead(201, { "content-type": "application/json" });
        outgoing.end(JSON.stringify({ method, key: headers.authorization, body }));
      });
    });
    const headers = { authorization: "Bearer k" };
    const answer = await nodeFetch(url, { method: "POST", headers, body: "größe" });
    assert.equal(answer.ok, true);
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.get("Content-Type"), "application/json");
    assert.deepEqual(await answer.json(), { method: "POST", key: "Bearer k", body: "größe" });
  });

  it("names a refused connection as the client does with the standard's fetch", async () => {
    const client = createHiveClient({ baseUrl: "http://127.0.0.1:1", fetch: nodeFetch });
    await assert.rejects(
      client.call("health"),
      (error) => error instanceof TransportError && error.failure === "refused",
    );
  });

  it("throws the reason of an abort, before the answer and in it", async (context) => {
    const { url } = await listen(context, (incoming, outgoing) => {
      if (incoming.url === "/silent") return;
      outgoing.write('data: {"type":"first"}\n\n');
    });
    const early = new AbortController();
    const asked = nodeFetch(`${url}/silent`, { signal: early.signal });
    early.abort(new Error("no more patience"));
    await assert.rejects(asked, /no more patience/);

    const late = new AbortController();
    const { body } = await nodeFetch(url, { signal: late.signal });
    assert.ok(body);
    const events = readEventStream(body);
    assert.deepEqual((await events.next()).value, { type: "first" });
    late.abort();
    await assert.rejects(events.next(), { name: "AbortError" });
  });

  it("tells the other side at once when the reader leaves", async (context) => {
    const gone = Promise.withResolvers<void>();
    const { url } = await listen(context, (_incoming, outgoing) => {
      outgoing.on("close", gone.resolve);
      outgoing.write("data: 1\n\n");
    });
    const { body } = await nodeFetch(url);
    await body?.cancel();
    await gone.promise;
  });

  it("fails as a broken connection when an answer ends too early", async (context) => {
    const { url } = await listen(context, (_incoming, outgoing) => {
      outgoing.writeHead(200, { "content-type": "text/event-stream" });
      outgoing.write('data: {"type":"first"}\n\n');
      setImmediate(() => outgoing.destroy());
    });
    const { body } = await nodeFetch(url);
    assert.ok(body);
    const events = readEventStream(body);
    await events.next();
    await assert.rejects(
      events.next(),
      (error) => error instanceof TransportError && error.failure === "reset",
    );
  });

  it("asks again when a kept connection turns out to be closed", async (context) => {
    let closesNext = false;
    let requests = 0;
    const { server, url } = await listen(context, (_incoming, outgoing) => {
      requests += 1;
      if (closesNext) {
        closesNext = false;
        outgoing.destroy();
      } else outgoing.end("{}");
    });
    server.keepAliveTimeout = 60_000;
    await (await nodeFetch(url)).json();
    closesNext = true;
    await (await nodeFetch(url)).json();
    assert.equal(requests, 3);
  });
});
