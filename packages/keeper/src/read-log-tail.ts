import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { readableLogLine } from "@rbee/contract";

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
    const lines = bytes.toString("utf8").split("\n").map(readableLogLine);
    return lines.filter((line) => line !== undefined).slice(-linesMax);
  } finally {
    closeSync(descriptor);
  }
}
