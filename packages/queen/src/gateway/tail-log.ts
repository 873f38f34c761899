import { basename } from "node:path";
import { timings } from "@rbee/contract";
import type { LogEvent } from "@rbee/contract";
import { followLog, readLogTail } from "@rbee/daemon";
import { delay } from "./look-for-hive.ts";

export interface TailOptions {
  readonly file: string;
  readonly lines: number;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/**
 * The last lines of a log, then `done`, or whatever is added from then on. A log that is rotated
 * meanwhile is followed into its new file; one that does not exist yet is empty.
 */
export async function* tailLog(options: TailOptions): AsyncGenerator<LogEvent, void, void> {
  const { file, lines, follow } = options;
  const source = basename(file);
  const tail = (await readLogTail(file, lines)) ?? { lines: [], offset: 0, inode: 0 };
  for (const line of tail.lines) yield { type: "log", source, line };
  if (!follow) {
    yield { type: "done", done: true, lines: tail.lines.length };
    return;
  }
  for await (const line of followLines(options, tail)) yield { type: "log", source, line };
}

async function* followLines(
  { file, signal }: TailOptions,
  from: { readonly offset: number; readonly inode: number },
): AsyncGenerator<string, void, void> {
  const follower = followLog(file, from);
  try {
    while (!signal.aborted) {
      yield* await follower.readNew();
      // A stop that comes meanwhile is seen above.
      await delay(timings.stateIntervalMs, signal).catch(() => {});
    }
  } finally {
    await follower.close();
  }
}
