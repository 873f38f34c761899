import { open } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { placeOf } from "./hub-faults.ts";
import type { HubFault } from "./hub-faults.ts";
import type { HubFile } from "./hub-repository.ts";
import { parseRange } from "./parse-range.ts";

export interface Sending {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly file: HubFile;
  readonly etag: string;
  readonly fault: HubFault | undefined;
  readonly onBytes: (count: number) => void;
}

export interface Sent {
  readonly status: number;
  readonly range: readonly [number, number] | null;
}

const chunkBytes = 262_144;
// What was sent reaches a reader on this machine within this time; a reset must not overtake it.
const settleMs = 150;
const sliceMs = 50;

/** Answers with a file or a range of it, and with what the script says goes wrong. */
export function sendContent(sending: Sending): {
  readonly sent: Sent;
  readonly over: Promise<void>;
} {
  const { request, response, file, etag } = sending;
  const ifRange = request.headers["if-range"];
  const isStale = ifRange !== undefined && ifRange !== etag;
  const range = parseRange(isStale ? undefined : request.headers.range, file.sizeBytes);
  if (range.kind === "unsatisfiable") {
    response.writeHead(416, { "content-range": `bytes */${file.sizeBytes}` }).end();
    return { sent: { status: 416, range: null }, over: Promise.resolve() };
  }
  const [start, end] = range.kind === "all" ? [0, file.sizeBytes - 1] : [range.start, range.end];
  const status = range.kind === "all" ? 200 : 206;
  response.writeHead(status, {
    etag,
    "accept-ranges": "bytes",
    "content-type": "application/octet-stream",
    "content-length": end - start + 1,
    ...(status === 206 ? { "content-range": `bytes ${start}-${end}/${file.sizeBytes}` } : {}),
  });
  const sent: Sent = { status, range: range.kind === "all" ? null : [start, end] };
  if (request.method === "HEAD") {
    response.end();
    return { sent, over: Promise.resolve() };
  }
  return { sent, over: sendBytes(sending, start, end + 1) };
}

async function sendBytes(sending: Sending, start: number, end: number): Promise<void> {
  const { response, file, fault } = sending;
  const place = fault === undefined ? undefined : placeOf(fault, file.sizeBytes);
  const isCut = fault !== undefined && place !== undefined && fault.kind !== "corrupt";
  const stop = isCut ? Math.min(end, Math.max(start, place)) : end;
  await using reader = await openContent(file);
  for (let position = start; position < stop && !response.destroyed;) {
    const slowBytes = fault?.kind === "slow" ? fault.bytesPerSecond * (sliceMs / 1000) : chunkBytes;
    const length = Math.min(Math.max(1, Math.floor(slowBytes)), stop - position);
    const bytes = await reader.read(position, length);
    if (fault?.kind === "corrupt") corrupt(bytes, (place ?? 0) - position);
    await write(response, bytes);
    sending.onBytes(bytes.length);
    position += bytes.length;
    if (fault?.kind === "slow") await wait(sliceMs);
  }
  if (isCut) await breakOff(response, fault.kind);
  else response.end();
}

function corrupt(bytes: Buffer, offset: number): void {
  const byte = bytes[offset];
  if (byte !== undefined) bytes[offset] = byte ^ 0xff;
}

async function breakOff(response: ServerResponse, kind: HubFault["kind"]): Promise<void> {
  const { socket } = response;
  if (kind === "stall") {
    // Silent until the reader has had enough.
    await new Promise<void>((resolve) => {
      if (response.destroyed) resolve();
      response.once("close", resolve);
    });
    return;
  }
  await wait(settleMs);
  if (kind === "reset") socket?.resetAndDestroy();
  else socket?.destroy();
}

async function write(response: ServerResponse, bytes: Buffer): Promise<void> {
  if (response.write(bytes)) return;
  await new Promise<void>((resolve) => {
    const settle = () => {
      response.off("drain", settle).off("close", settle);
      resolve();
    };
    response.on("drain", settle).on("close", settle);
  });
}

interface ContentReader extends AsyncDisposable {
  readonly read: (position: number, length: number) => Promise<Buffer>;
}

async function openContent({ content }: HubFile): Promise<ContentReader> {
  if ("text" in content) {
    const bytes = Buffer.from(content.text);
    return {
      read: async (position, length) => Buffer.from(bytes.subarray(position, position + length)),
      [Symbol.asyncDispose]: async () => {},
    };
  }
  const handle = await open(content.path);
  return {
    async read(position, length) {
      const { buffer, bytesRead } = await handle.read(
        Buffer.allocUnsafe(length),
        0,
        length,
        position,
      );
      if (bytesRead === 0) throw new Error(`${content.path} is shorter than it was`);
      return buffer.subarray(0, bytesRead);
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}
