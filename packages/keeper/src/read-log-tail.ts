import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const tailBytesMax = 16_384;

interface TailOptions {
  /** Only what was written after this offset. */
  readonly fromByte: number;
  readonly linesMax: number;
}

/** The last lines of a log for a person; none when there is no such file. */
export function readLogTail(path: string, { fromByte, linesMax }: TailOptions): string[] {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch {
    return [];
  }
  try {
    const { size } = fstatSync(descriptor);
    const start = Math.max(size < fromByte ? 0 : fromByte, size - tailBytesMax);
    const bytes = Buffer.alloc(Math.max(0, size - start));
    readSync(descriptor, bytes, 0, bytes.length, start);
    const lines = bytes
      .toString("utf8")
      .split("\n")
      .filter((line) => line.trim() !== "" && !isStackLine(line));
    return lines.slice(-linesMax).map(readableLogLine);
  } finally {
    closeSync(descriptor);
  }
}

// The places in the code help nobody who only wants to know why a program ended.
function isStackLine(line: string): boolean {
  return /^\s+at |^\s*[{}]\s*$|^Node\.js v/.test(line);
}

// What a line of a daemon's log says; lines that are not JSON are shown as they are.
function readableLogLine(line: string): string {
  try {
    const { msg: text, error } = JSON.parse(line) as {
      msg?: unknown;
      error?: { message?: unknown };
    };
    if (typeof text !== "string") return line;
    return typeof error?.message === "string" ? `${text}: ${error.message}` : text;
  } catch {
    return line;
  }
}
