import type { FileHandle } from "node:fs/promises";

// Written while the next bytes come; with more than this the connection has to wait.
const waitingMaxBytes = 4_194_304;

/** What the disk said; trying again does not help. */
export class WriteError extends Error {
  readonly code: string | undefined;

  constructor(cause: NodeJS.ErrnoException) {
    super(cause.message, { cause });
    this.code = cause.code;
  }
}

/** Writes bytes to a file one after another, while its owner goes on. */
export class ByteSink {
  readonly #handle: FileHandle;
  #position: number;
  #queue: Buffer[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  #failure: WriteError | undefined;

  constructor(handle: FileHandle, position: number) {
    this.#handle = handle;
    this.#position = position;
  }

  /** False when the owner should pause until `flush` settles. Throws what an earlier write met. */
  write(bytes: Buffer): boolean {
    if (this.#failure !== undefined) throw this.#failure;
    this.#queue.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#writing ??= this.#writeQueue();
    return this.#waitingBytes < waitingMaxBytes;
  }

  /** Settles when everything is with the operating system. */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #writeQueue(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        const batch = this.#queue;
        this.#queue = [];
        await this.#writeAll(batch);
      }
    } catch (error) {
      this.#failure = new WriteError(error as NodeJS.ErrnoException);
    } finally {
      this.#writing = undefined;
    }
  }

  async #writeAll(batch: readonly Buffer[]): Promise<void> {
    let left: Buffer[] = [...batch];
    while (left.length > 0) {
      const { bytesWritten } = await this.#handle.writev(left, this.#position);
      this.#position += bytesWritten;
      this.#waitingBytes -= bytesWritten;
      const total = left.reduce((sum, { length }) => sum + length, 0);
      // A disk that is nearly full takes a part; the next write says why.
      left = bytesWritten === total ? [] : [Buffer.concat(left).subarray(bytesWritten)];
    }
  }
}
