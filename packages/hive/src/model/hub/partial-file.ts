import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import { mkdir, open, rename } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { ByteSink } from "./byte-sink.ts";

const readBytes = 1_048_576;

/** The part of a file that is here, `<name>.partial`, with the digest of what is in it. */
export class PartialFile implements AsyncDisposable {
  readonly path: string;
  readonly #handle: FileHandle;
  #hash: Hash = createHash("sha256");
  #length = 0;
  #sink: ByteSink;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
    this.#sink = this.#openSink();
  }

  static async open(target: string): Promise<PartialFile> {
    const path = partialPath(target);
    await mkdir(dirname(path), { recursive: true });
    // Appending creates a file and empties none; only the other mode can write anywhere.
    await (await open(path, "a")).close();
    return new PartialFile(path, await open(path, "r+"));
  }

  /** Bytes of the file that are here. */
  get length(): number {
    return this.#length;
  }

  /** Goes on behind what is on disk, if that is no more than the whole; reads it for the digest. */
  async continueFrom(sizeBytes: number, signal: AbortSignal): Promise<void> {
    const { size } = await this.#handle.stat();
    if (size > sizeBytes) {
      await this.restart();
      return;
    }
    const buffer = Buffer.allocUnsafe(readBytes);
    while (this.#length < size) {
      signal.throwIfAborted();
      const { bytesRead } = await this.#handle.read(buffer, 0, readBytes, this.#length);
      if (bytesRead === 0) break;
      this.#hash.update(buffer.subarray(0, bytesRead));
      this.#length += bytesRead;
    }
    this.#sink = this.#openSink();
  }

  async restart(): Promise<void> {
    await this.flush();
    await this.#handle.truncate(0);
    this.#hash = createHash("sha256");
    this.#length = 0;
    this.#sink = this.#openSink();
  }

  /** False when the disk is slower than the bytes come: then pause until `flush` settles. */
  write(bytes: Buffer): boolean {
    const hasRoom = this.#sink.write(bytes);
    this.#length += bytes.length;
    return hasRoom;
  }

  /** Settles when all bytes are with the operating system. Throws what writing them fails with. */
  async flush(): Promise<void> {
    await this.#sink.flush();
  }

  /** Of what was flushed. */
  digest(): string {
    return this.#hash.copy().digest("hex");
  }

  /** Makes it the whole file: on disk for good, under its own name. Returns its time. */
  async finish(target: string): Promise<number> {
    await this.flush();
    await this.#handle.sync();
    const { mtimeMs } = await this.#handle.stat();
    await rename(this.path, target);
    return Math.trunc(mtimeMs);
  }

  #openSink(): ByteSink {
    return new ByteSink(this.#handle, this.#length, (bytes) => this.#hash.update(bytes));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.flush().catch(() => {});
    await this.#handle.close();
  }
}

export function partialPath(target: string): string {
  return `${target}.partial`;
}
