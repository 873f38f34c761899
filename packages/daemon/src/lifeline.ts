import { createReadStream } from "node:fs";

/**
 * Calls `onEnd` once when the other end of a pipe is closed, which the kernel does however its
 * owner ends. What comes through the pipe before that is given to `onLine`, line by line.
 */
export function watchLifeline(
  descriptor: number,
  onEnd: () => void,
  onLine: (line: string) => void = () => {},
): void {
  const pipe = createReadStream("", { fd: descriptor, encoding: "utf8" });
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
