import { open, stat } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";

export interface LogTail {
  readonly lines: readonly string[];
  /** Where the next line begins, and in which file: a rotated log is another file. */
  readonly offset: number;
  readonly inode: number;
  readonly modifiedMs: number;
}

const chunkBytes = 64 * 1024;
const newline = 0x0a;

/**
 * The last lines of a log, also those that were rotated away (`<path>.1`, `.2`, ...). A line that
 * is still being written is left for who follows. Undefined when there is no such file.
 */
export async function readLogTail(path: string, linesMax: number): Promise<LogTail | undefined> {
  const tail = await readFileTail(path, linesMax);
  if (tail === undefined) return undefined;
  let { lines } = tail;
  for (let index = 1; lines.length < linesMax; index += 1) {
    const older = await readFileTail(`${path}.${index}`, linesMax - lines.length);
    if (older === undefined) break;
    lines = [...older.lines, ...lines];
  }
  return { ...tail, lines };
}

async function readFileTail(path: string, linesMax: number): Promise<LogTail | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const { size, ino: inode, mtimeMs: modifiedMs } = await file.stat();
    let begin = size;
    let bytes = Buffer.alloc(0);
    // One line end more than lines: the end of the line before the first one that is wanted.
    while (begin > 0 && countNewlines(bytes) <= linesMax) {
      const length = Math.min(chunkBytes, begin);
      const chunk = Buffer.alloc(length);
      await file.read(chunk, 0, length, begin - length);
      begin -= length;
      bytes = Buffer.concat([chunk, bytes]);
    }
    const end = bytes.lastIndexOf(newline) + 1;
    const lines = bytes.subarray(0, end).toString("utf8").split("\n").slice(0, -1);
    const wanted = linesMax === 0 ? [] : lines.slice(-linesMax);
    return { lines: wanted, offset: begin + end, inode, modifiedMs };
  } finally {
    await file.close();
  }
}

function countNewlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1)) count += 1;
  return count;
}

/** Reads on where a tail ended, over rotations. */
export interface LogFollower {
  readonly readNew: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

export function followLog(path: string, from: { offset: number; inode: number }): LogFollower {
  let { offset, inode } = from;
  let file: FileHandle | undefined;
  let rest = Buffer.alloc(0);

  const readToEnd = async (): Promise<Buffer> => {
    const parts: Buffer[] = [];
    for (;;) {
      const chunk = Buffer.alloc(chunkBytes);
      const { bytesRead } = (await file?.read(chunk, 0, chunkBytes, offset)) ?? { bytesRead: 0 };
      if (bytesRead === 0) return Buffer.concat(parts);
      offset += bytesRead;
      parts.push(chunk.subarray(0, bytesRead));
    }
  };
  const takeLines = (bytes: Buffer): string[] => {
    const all = Buffer.concat([rest, bytes]);
    const end = all.lastIndexOf(newline) + 1;
    rest = all.subarray(end);
    return all.subarray(0, end).toString("utf8").split("\n").slice(0, -1);
  };
  const reopen = async (): Promise<void> => {
    await file?.close();
    file = await open(path, "r").catch(() => undefined);
    const opened = await file?.stat();
    if (opened === undefined) return;
    if (opened.ino !== inode || opened.size < offset) offset = 0;
    inode = opened.ino;
  };
  return {
    async readNew() {
      if (file === undefined) await reopen();
      const lines = takeLines(await readToEnd());
      // What was written to the old file before it was rotated has been read above.
      const now = await stat(path).catch(() => undefined);
      if (now === undefined || (now.ino === inode && now.size >= offset)) return lines;
      lines.push(...takeLines(await readToEnd()));
      await reopen();
      return [...lines, ...takeLines(await readToEnd())];
    },
    async close() {
      await file?.close();
      file = undefined;
    },
  };
}
