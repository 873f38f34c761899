import { createReadStream, fstatSync } from "node:fs";
import { Socket } from "node:net";
import type { Readable } from "node:stream";

/**
 * Calls `onEnd` once when the other end of a pipe is closed, which the kernel does however its
 * owner ends. What comes through the pipe before that is given to `onLine`, line by line.
 */
export function watchLifeline(
  descriptor: number,
  onEnd: () => void,
  onLine: (line: string) => void = () => {},
): void {
  const pipe = openPipe(descriptor);
  let rest = "";
  let hasEnded = false;
  const end = () => {
    if (hasEnded) return;
    hasEnded = true;
    onEnd();
  };
  pipe.on("data", (text) => {
    const lines = (rest + String(text)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
  pipe.once("end", end).once("error", end);
}

// A file stream would wait in a thread of libuv's pool: one thread fewer for everybody else, and
// `process.exit` waits for that thread until the pipe ends.
function openPipe(descriptor: number): Readable {
  const status = fstatSync(descriptor);
  const isPipe = status.isFIFO() || status.isSocket();
  const pipe = isPipe
    ? new Socket({ fd: descriptor, readable: true, writable: false })
    : createReadStream("", { fd: descriptor });
  return pipe.setEncoding("utf8");
}
