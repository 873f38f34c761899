// Requests that no HTTP library sends, byte by byte, and what the server says to them.
import { connect } from "node:net";
import { pick } from "./fuzz-bodies-fixture.ts";
import type { Random } from "./fuzz-bodies-fixture.ts";

export interface WireTarget {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly key: string | undefined;
}

/** A request that lies about itself; some never come to their end, whose sender then leaves. */
export function buildWireRequest(target: WireTarget, random: Random): Buffer {
  const head = (lines: readonly string[]) =>
    [
      `POST ${target.path} HTTP/1.1`,
      "host: 127.0.0.1",
      "content-type: application/json",
      ...(target.key === undefined ? [] : [`authorization: Bearer ${target.key}`]),
      ...lines,
      "",
      "",
    ].join("\r\n");
  const many = Array.from({ length: 3000 }, (_value, index) => `x-bomb-${index}: ${index}`);
  const requests: readonly (() => string)[] = [
    () => `${head(["content-length: 5000"])}{"model":`,
    () => `${head(["content-length: 2"])}{"model":"hello-bee"}`,
    () => `${head(["content-length: -1"])}{}`,
    () => `${head(["content-length: 2", "content-length: 7"])}{}`,
    () => `${head(["content-length: 2", "transfer-encoding: chunked"])}{}`,
    () => `${head(["transfer-encoding: chunked"])}zz\r\n{}\r\n0\r\n\r\n`,
    () => `${head(["transfer-encoding: chunked"])}ffffffffffffffff\r\n{}`,
    () => `${head(["transfer-encoding: chunked"])}2\r\n{}`,
    () => head([`x-bomb: ${"y".repeat(40_000)}`]),
    () => head(many),
    () => `${head(["content-length: 2", "expect: 200-nothing"])}{}`,
    () => `${head(["content-length: 2", "x-request-deadline: never"])}{}`,
    () => `${head(["content-length: 2", "x-correlation-id: \u0001"])}{}`,
    () => `${head(["content-length: 2"])}{}`.repeat(50),
    () => `GET ${target.path}${"/a".repeat(5000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
    () => `GET /%ff%00/../..//v1 HTTP/1.1\r\nhost: x\r\n\r\n`,
    () => `BREW / HTTP/9.9\r\n\r\n`,
    () => "\u0016\u0003\u0001\u0002\u0000",
  ];
  return Buffer.from(pick(random, requests)(), "latin1");
}

/** Sends it, waits a little for an answer, and leaves; what came back so far. */
export async function sendOnWire(
  { host, port }: WireTarget,
  bytes: Buffer,
  patienceMs: number,
): Promise<string> {
  const socket = connect(port, host);
  const chunks: Buffer[] = [];
  let over = () => {};
  const ended = new Promise<void>((resolve) => {
    over = resolve;
    socket.on("close", resolve).on("error", () => resolve());
  });
  const patience = setTimeout(over, patienceMs);
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    over();
  });
  socket.write(bytes);
  await ended;
  clearTimeout(patience);
  socket.destroy();
  return Buffer.concat(chunks).toString("latin1");
}
