import type { FileHandle } from "node:fs/promises";

// What comes is gathered in a few blocks that are used again and again: buffers of sockets that live
// until they are written cost more time in the garbage collector than the copy (measured: a third
// of a download's CPU time), and memory stays flat however slow the disk is.
const blockBytes = 1_048_576;
const blocksMax = 4;
// The disk begins on what it has while more comes; else all of it waits for the end.
const syncBytes = 67_108_864;

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
  readonly #onBlock: (bytes: Buffer) => void;
  readonly #free: Buffer[] = [];
  #block: Buffer | undefined;
  /** Bytes of the block that are taken. */
  #filled = 0;
  #position: number;
  #queue: Buffer[] = [];
  #writing: Promise<void> | undefined;
  #failure: WriteError | undefined;
  #unsyncedBytes = 0;
  #syncing: Promise<void> | undefined;

  /** `onBlock` sees the bytes once, in their order, in pieces as large as can be. */
  constructor(handle: FileHandle, position: number, onBlock: (bytes: Buffer) => void) {
    this.#handle = handle;
    this.#position = position;
    this.#onBlock = onBlock;
  }

  /** False when the owner should pause until `flush` settles. Throws what an earlier write met. */
  write(bytes: Buffer): boolean {
    if (this.#failure !== undefined) throw this.#failure;
    for (let from = 0; from < bytes.length;) {
      this.#block ??= this.#takeBlock();
      const copied = bytes.copy(this.#block, this.#filled, from);
      this.#filled += copied;
      from += copied;
      if (this.#filled === this.#block.length) this.#passOn();
    }
    return this.#queue.length < blocksMax;
  }

  /** Settles when everything is with the operating system. */
  async flush(): Promise<void> {
    if (this.#filled > 0 && this.#failure === undefined) this.#passOn();
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure;
  }

  #takeBlock(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(blockBytes);
  }

  #passOn(): void {
    const block = this.#block?.subarray(0, this.#filled);
    this.#block = undefined;
    this.#filled = 0;
    if (block === undefined) return;
    this.#onBlock(block);
    this.#queue.push(block);
    this.#writing ??= this.#writeQueue();
  }

  async #writeQueue(): Promise<void> {
    try {
      for (let block = this.#queue.shift(); block !== undefined; block = this.#queue.shift()) {
        await this.#writeAll(block);
        this.#free.push(Buffer.from(block.buffer as ArrayBuffer));
      }
    } catch (error) {
      this.#failure = new WriteError(error as NodeJS.ErrnoException);
      // What would follow a gap is worth nothing.
      this.#queue = [];
    } finally {
      this.#writing = undefined;
    }
  }

  // Only to spread the work: whether it is on disk is asked at the end. Closing the file waits.
  #beginSync(): void {
    this.#unsyncedBytes = 0;
    this.#syncing = this.#handle
      .datasync()
      .catch(() => {})
      .finally(() => (this.#syncing = undefined));
  }

  async #writeAll(block: Buffer): Promise<void> {
    for (let written = 0; written < block.length;) {
      // A disk that is nearly full takes a part; the next write says why.
      const { bytesWritten } = await this.#handle.write(
        block,
        written,
        block.length - written,
        this.#position,
      );
      written += bytesWritten;
      this.#position += bytesWritten;
    }
    this.#unsyncedBytes += block.length;
    if (this.#unsyncedBytes >= syncBytes && this.#syncing === undefined) this.#beginSync();
  }
}
