import { mkdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { createStream } from "rotating-file-stream";
import type { RotatingFileStream } from "rotating-file-stream";

export interface LogFile {
  /** Appends text; never throws. Lines are lost, and counted, while the disk is full. */
  readonly write: (text: string) => void;
  readonly close: () => Promise<void>;
  readonly linesLost: () => number;
}

const sizeMax = "10M";
const filesMax = 5;
const reopenAfterMs = 10_000;

/** A log that rotates at 10 MB and keeps five old files (`queen.log.1` is the newest of them). */
export function openLogFile(path: string): LogFile {
  let stream: RotatingFileStream | undefined;
  let failedAt = 0;
  let lost = 0;

  const open = (): RotatingFileStream => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const name = basename(path);
    const fileName = (index: number | Date | null) => (index ? `${name}.${String(index)}` : name);
    const opened = createStream(fileName, {
      path: dirname(path),
      size: sizeMax,
      rotate: filesMax,
      mode: 0o600,
    });
    // A full disk must not end the program that only wanted to say something.
    opened.on("error", () => {
      failedAt = Date.now();
      if (stream === opened) stream = undefined;
      opened.destroy();
    });
    return opened;
  };

  return {
    write(text) {
      if (stream === undefined && Date.now() - failedAt >= reopenAfterMs) {
        try {
          stream = open();
        } catch {
          failedAt = Date.now();
        }
      }
      if (stream === undefined) lost += 1;
      else stream.write(text);
    },
    async close() {
      const closing = stream;
      if (closing === undefined) return;
      stream = undefined;
      failedAt = Number.POSITIVE_INFINITY;
      await new Promise<void>((resolve) => {
        closing.once("close", resolve).once("error", () => resolve());
        closing.end();
      });
    },
    linesLost: () => lost,
  };
}
