import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { after, describe, it } from "node:test";
import { timings } from "@rbee/contract";
import { createNodeSink } from "./sse-sink.ts";

const event = `data: {"token":"wörld"}\n\n`;

// A server that streams two events for each request, and all that a raw client then reads.
async function converse(requests: string): Promise<string> {
  const server = createServer((_request, outgoing) => {
    outgoing.writeHead(200, { "content-type": "text/event-stream" });
    outgoing.flushHeaders();
    const sink = createNodeSink(outgoing);
    void sink.write(event);
    void sink.write(new Uint8Array(0));
    setImmediate(() => {
      void sink.write(Buffer.from(event));
      sink.end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => server.close());
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.write(requests);
  await once(socket, "close");
  return Buffer.concat(chunks).toString();
}

const bytes = Buffer.byteLength(event).toString(16);
const chunked = `\r\n\r\n${bytes}\r\n${event}\r\n${bytes}\r\n${event}\r\n0\r\n\r\n`;

describe("writing events to a socket", () => {
  it("makes one chunk of each write and leaves the connection fit for the next answer", async () => {
    const first = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";
    const last = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    const text = await converse(first + first + last);
    assert.equal(text.split(chunked).length, 4, text);
    assert.equal(text.split("HTTP/1.1 200 OK").length, 4, "answers of one connection stay apart");
  });

  it("gives up the end of an answer of which nothing is read, and nothing before", async () => {
    const limits: (number | undefined)[] = [];
    let sending: Socket | null | undefined;
    const server = createServer((_request, outgoing) => {
      const sink = createNodeSink(outgoing);
      void sink.write(Buffer.alloc(16_777_216));
      limits.push(outgoing.socket?.timeout);
      sink.end();
      limits.push(outgoing.socket?.timeout);
      sending = outgoing.socket;
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    after(() => {
      socket.destroy();
      server.close();
    });
    // More than anybody takes who does not read.
    socket.pause().write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    await once(server, "request");
    assert.deepEqual(limits, [undefined, timings.requestBodyMs]);
    // As if that time had passed.
    const closed = once(sending ?? socket, "close");
    (sending ?? socket).emit("timeout");
    await closed;
  });

  it("sends a client of HTTP/1.0 no chunks, and nothing to one that asked for the head", async () => {
    const old = await converse("GET / HTTP/1.0\r\nconnection: close\r\n\r\n");
    assert.ok(old.endsWith(`\r\n\r\n${event}${event}`), old);
    const head = await converse("HEAD / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    assert.ok(head.endsWith("\r\n\r\n") && !head.includes("data:"), head);
  });
});
