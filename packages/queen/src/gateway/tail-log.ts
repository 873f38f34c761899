import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import { timings } from "@rbee/contract";
import type { LogEvent } from "@rbee/contract";
import { delay } from "./look-for-hive.ts";

export interface TailOptions {
  readonly file: string;
  readonly lines: number;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

const blockBytes = 65_536;
const newline = 0x0a;

/**
 * The last lines of a log, then `done`, or whatever is added from then on. A log that is rotated
 * meanwhile is followed into its new file; one that does not exist yet is empty.
 */
export async function* tailLog(options: TailOptions): AsyncGenerator<LogEvent, void, void> {
  const source = basename(options.file);
  const start = await readEnd(options);
  for (const line of start.lines) yield { type: "log", source, line };
  if (!options.follow) {
    yield { type: "done", done: true, lines: start.lines.length };
    return;
  }
  for await (const line of followLines(options, start)) yield { type: "log", source, line };
}

interface Place {
  readonly offset: number;
  readonly inode: number;
}

async function readEnd({ file, lines: wanted }: TailOptions): Promise<Place & { lines: string[] }> {
  await using handle = await openIfThere(file);
  if (handle === undefined) return { offset: 0, inode: 0, lines: [] };
  const { size, ino: inode } = await handle.stat();
  let bytes = Buffer.alloc(0);
  for (let at = size; at > 0 && countLines(bytes) <= wanted;) {
    const length = Math.min(blockBytes, at);
    at -= length;
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, at);
    bytes = Buffer.concat([buffer, bytes]);
  }
  // A line that is still being written belongs to what follows.
  const end = bytes.lastIndexOf(newline) + 1;
  const lines = bytes.subarray(0, end).toString("utf8").split("\n").slice(0, -1);
  const offset = size - (bytes.length - end);
  return { offset, inode, lines: wanted === 0 ? [] : lines.slice(-wanted) };
}

async function* followLines(
  options: TailOptions,
  start: Place,
): AsyncGenerator<string, void, void> {
  let { offset, inode } = start;
  while (!options.signal.aborted) {
    const hasPassed = await delay(timings.stateIntervalMs, options.signal).then(
      () => true,
      () => false,
    );
    if (!hasPassed) return;
    await using handle = await openIfThere(options.file);
    if (handle === undefined) continue;
    const { size, ino } = await handle.stat();
    if (ino !== inode || size < offset) {
      inode = ino;
      offset = 0;
    }
    const bytes = await readFrom(handle, offset, size);
    const end = bytes.lastIndexOf(newline) + 1;
    offset += end;
    yield* bytes.subarray(0, end).toString("utf8").split("\n").slice(0, -1);
  }
}

async function readFrom(handle: FileHandle, offset: number, size: number): Promise<Buffer> {
  const length = Math.max(0, size - offset);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
  return buffer.subarray(0, bytesRead);
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) count += 1;
  return count;
}

async function openIfThere(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
