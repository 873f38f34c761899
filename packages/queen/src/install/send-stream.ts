import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip, createZstdCompress, constants } from "node:zlib";
import type { Payload, PayloadFile } from "@rbee/payload";
import type { RemoteProcess } from "../node-ports.ts";
import type { SendMeter } from "./create-send-meter.ts";

export interface FilePart {
  readonly file: PayloadFile;
  /** From here ... */
  readonly offset: number;
  /** ... so much, or to its end. */
  readonly bytes?: number;
}

export type Coding = "none" | "gzip" | "zstd";

interface SendInput {
  readonly payload: Pick<Payload, "open">;
  readonly parts: readonly FilePart[];
  readonly remote: RemoteProcess;
  readonly coding: Coding;
  readonly meter: SendMeter;
  readonly signal: AbortSignal;
}

/**
 * Sends the parts one after the other and closes the stream. Settles when all of it has left;
 * throws what broke the way. The other end may stop reading for a reason of its own: that comes
 * as an error of the pipe, and its own words say why.
 */
export async function sendParts(input: SendInput): Promise<void> {
  const { remote, coding, meter, signal } = input;
  const source = Readable.from(readParts(input), { objectMode: false });
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      meter.add(chunk.length);
      done(null, chunk);
    },
  });
  const coder = createCoder(coding);
  if (coder === undefined) await pipeline(source, count, remote.stdin, { signal });
  else await pipeline(source, count, coder, remote.stdin, { signal });
}

async function* readParts({ payload, parts }: SendInput): AsyncGenerator<Buffer, void, void> {
  for (const { file, offset, bytes = Infinity } of parts) {
    let position = 0;
    for await (const chunk of payload.open(file) as AsyncIterable<Buffer>) {
      const start = Math.max(0, offset - position);
      const end = Math.max(0, offset + bytes - position);
      if (start < Math.min(end, chunk.length)) yield chunk.subarray(start, end);
      position += chunk.length;
      if (position >= offset + bytes) break;
    }
  }
}

// Measured 2026-11 with Node's runtime, 121 MB: zstd 1 makes 45 MB of it in 0.5 s, zstd 3 40 MB in
// 0.6 s, gzip 1 48 MB in 1.7 s.
function createCoder(coding: Coding) {
  if (coding === "gzip") return createGzip({ level: 1 });
  if (coding === "none") return undefined;
  return createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 3 } });
}
