import assert from "node:assert/strict";
import { createServer, request as requestHttp } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, it } from "node:test";
import { createHubRequester } from "./hub-request.ts";
import { HubRefusal } from "./hub-refusal.ts";

const never = new AbortController().signal;
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function listen(answer: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function ask(endpoint: string, proxies: Record<string, string> = {}) {
  const requester = createHubRequester({ endpoint, token: "hf_secret", proxies });
  try {
    const answer = await requester.get({ url: `${endpoint}/file`, signal: never });
    return await text(answer.body);
  } finally {
    requester.close();
  }
}

describe("a request to the hub", () => {
  it("shows the token to the hub and not to where the hub sends us", async () => {
    const seen: (string | undefined)[] = [];
    const other = await listen((request, response) => {
      seen.push(request.headers.authorization);
      response.end("content");
    });
    const hub = await listen((request, response) => {
      seen.push(request.headers.authorization);
      const location = request.url === "/file" ? "/moved" : `${other}/cdn`;
      response.writeHead(307, { location }).end();
    });
    assert.equal(await ask(hub), "content");
    assert.deepEqual(seen, ["Bearer hf_secret", "Bearer hf_secret", undefined]);
  });

  it("goes through a proxy, and past it to those it is not for", async () => {
    let passed = 0;
    const hub = await listen((_request, response) => response.end("content"));
    const proxy = await listen((request, response) => {
      passed += 1;
      requestHttp(request.url ?? "", (answer) => answer.pipe(response)).end();
    });
    assert.equal(await ask(hub, { http_proxy: proxy }), "content");
    assert.equal(passed, 1);
    assert.equal(await ask(hub, { http_proxy: proxy, no_proxy: "127.0.0.1" }), "content");
    assert.equal(passed, 1);
  });

  it("does not follow for ever", async () => {
    const hub = await listen((_request, response) =>
      response.writeHead(302, { location: "/again" }).end(),
    );
    await assert.rejects(ask(hub), { message: "the hub sends us on more than 5 times" });
  });

  it("knows what is final: the hub's own word, and not that of a CDN whose address ran out", async () => {
    const refuse = await listen((_request, response) =>
      response.writeHead(403, { "x-error-code": "GatedRepo", "retry-after": "3" }).end(),
    );
    const refusal = await ask(refuse).catch((error: unknown) => error);
    assert.ok(refusal instanceof HubRefusal);
    assert.deepEqual(
      [refusal.status, refusal.code, refusal.retryAfterMs, refusal.isFinal],
      [403, "GatedRepo", 3000, true],
    );
    const sendOn = await listen((_request, response) =>
      response.writeHead(302, { location: `${refuse}/cdn` }).end(),
    );
    const other = await ask(sendOn).catch((error: unknown) => error);
    assert.ok(other instanceof HubRefusal && !other.isFinal);
  });
});
