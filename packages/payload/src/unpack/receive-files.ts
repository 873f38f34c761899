import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { createZstdDecompress } from "node:zlib";
import { feedHash } from "./hash-file.ts";
import { UnpackFailure } from "./unpack-failure.ts";
import type { WantedFile } from "./unpack-protocol.ts";

interface ReceiveInput {
  readonly wanted: readonly WantedFile[];
  /** The zstd stream as it comes in. */
  readonly body: AsyncIterable<Buffer>;
  readonly staging: string;
}

const step = "receiving";

/**
 * Writes the wanted files, each under its digest, when all of it has come and is right. What comes
 * before a cut stays in `<digest>.partial`.
 */
export async function receiveFiles({ wanted, body, staging }: ReceiveInput): Promise<void> {
  const writer = createWriter(wanted, staging);
  try {
    for await (const chunk of decompress(body)) writer.write(chunk);
    writer.end();
  } finally {
    writer.close();
  }
}

function createWriter(wanted: readonly WantedFile[], staging: string) {
  const rest = [...wanted];
  let file: OpenFile | undefined;
  // Files that lack nothing but the check are done at once.
  const openNext = () => {
    while (file === undefined && rest.length > 0) {
      const next = rest.shift();
      if (next !== undefined) file = openFile(next, staging);
      closeWhole();
    }
  };
  const closeWhole = () => {
    if (file === undefined || file.bytesLeft > 0) return;
    const whole = file;
    file = undefined;
    closeFile(whole, staging);
  };
  openNext();
  return {
    write(chunk: Buffer) {
      for (let left = chunk; left.length > 0;) {
        if (file === undefined) throw damaged("more bytes came than were asked for");
        const part = left.subarray(0, file.bytesLeft);
        writeAll(file, part);
        left = left.subarray(part.length);
        closeWhole();
        openNext();
      }
    },
    end() {
      if (file !== undefined) throw cut(`${file.bytesLeft} bytes of a file did not come`);
    },
    close() {
      if (file !== undefined) closeSync(file.descriptor);
    },
  };
}

async function* decompress(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  const stream = Readable.from(body).pipe(createZstdDecompress());
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    if (!String((error as NodeJS.ErrnoException).code).startsWith("Z")) throw error;
    throw cut("the stream ended before its end");
  }
}

interface OpenFile {
  readonly wanted: WantedFile;
  readonly path: string;
  readonly descriptor: number;
  readonly hash: Hash;
  bytesLeft: number;
}

function openFile(wanted: WantedFile, staging: string): OpenFile {
  const path = join(staging, `${wanted.sha256}.partial`);
  const descriptor = openSync(path, "a", 0o600);
  ftruncateSync(descriptor, wanted.offset);
  const hash = createHash("sha256");
  feedHash(hash, path, wanted.offset);
  return { wanted, path, descriptor, hash, bytesLeft: wanted.sizeBytes - wanted.offset };
}

function writeAll(file: OpenFile, bytes: Buffer): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(file.descriptor, bytes, done, bytes.length - done);
  }
  file.hash.update(bytes);
  file.bytesLeft -= bytes.length;
}

function closeFile({ wanted, path, descriptor, hash }: OpenFile, staging: string): void {
  fsyncSync(descriptor);
  closeSync(descriptor);
  if (hash.digest("hex") === wanted.sha256) {
    renameSync(path, join(staging, wanted.sha256));
    return;
  }
  rmSync(path, { force: true });
  throw damaged("a file arrived that is not what was announced; it is dropped");
}

function damaged(reason: string): UnpackFailure {
  return new UnpackFailure({ kind: "damaged", step, reason });
}

function cut(reason: string): UnpackFailure {
  return new UnpackFailure({ kind: "cut", step, reason });
}
