import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { createTcpProxy } from "./tcp-proxy.ts";

async function startEcho() {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { host: "127.0.0.1", port, close: () => server.close() };
}

describe("a bad line", () => {
  it("brings everything in order, later", async () => {
    const target = await startEcho();
    const weather = { delayMs: 30, lossShare: 0.3, resendMs: 20 };
    await using proxy = await createTcpProxy({ host: "127.0.0.1", target, weather });
    const socket = connect(proxy.port, "127.0.0.1").setNoDelay(true);
    let said = "";
    socket.on("data", (piece) => (said += piece.toString()));
    await once(socket, "connect");
    const startedAt = performance.now();
    for (let index = 0; index < 20; index += 1) socket.write(`${index} `);
    socket.end();
    await once(socket, "close");
    assert.equal(said, Array.from({ length: 20 }, (_nothing, index) => `${index} `).join(""));
    assert.ok(performance.now() - startedAt >= 60, "there and back takes twice the delay");
    target.close();
  });

  it("breaks when it is told to", async () => {
    const target = await startEcho();
    await using proxy = await createTcpProxy({ host: "127.0.0.1", target });
    const socket = connect(proxy.port, "127.0.0.1");
    socket.write("hello");
    await once(socket, "data");
    proxy.reset();
    const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
    assert.equal(error.code, "ECONNRESET");
    target.close();
  });
});
