import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { RbeeError } from "@rbee/contract";
import type { LogEntry, LogReader, LogRequest } from "../ports.ts";
import { followLog, readLogTail } from "./read-log-tail.ts";
import type { LogFollower } from "./read-log-tail.ts";

const hiveLog = "hive.log";
const workerLog = /^worker-[A-Za-z0-9-]+\.log$/;
const pollMs = 250;

export function createLogReader(directory: string): LogReader {
  return {
    async open({ worker, lines, follow }: LogRequest, signal) {
      const names = worker === undefined ? undefined : [`worker-${worker}.log`];
      const followers = new Map<string, LogFollower>();
      const entries: LogEntry[] = [];
      for (const source of names ?? (await listLogs(directory))) {
        const path = join(directory, source);
        const tail = await readLogTail(path, lines);
        if (tail === undefined) continue;
        entries.push(...tail.lines.map((line) => ({ source, line })));
        followers.set(source, followLog(path, tail));
      }
      if (worker !== undefined && followers.size === 0) {
        throw new RbeeError("WORKER_NOT_FOUND", { worker_id: worker });
      }
      const first = lines === 0 ? [] : sortByTime(entries).slice(-lines);
      const discover = worker === undefined;
      return follow ? readOn({ directory, first, followers, discover, signal }) : readOnce(first);
    },
  };
}

async function listLogs(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(() => []);
  return names.filter((name) => name === hiveLog || workerLog.test(name)).toSorted();
}

async function* readOnce(entries: readonly LogEntry[]): AsyncGenerator<LogEntry, void, void> {
  yield* entries;
}

interface Following {
  readonly directory: string;
  readonly first: readonly LogEntry[];
  readonly followers: Map<string, LogFollower>;
  /** Logs of workers that start from now on are followed too. */
  readonly discover: boolean;
  readonly signal: AbortSignal;
}

async function* readOn(following: Following): AsyncGenerator<LogEntry, void, void> {
  const { directory, first, followers, discover, signal } = following;
  try {
    yield* first;
    while (!signal.aborted) {
      for (const source of discover ? await listLogs(directory) : []) {
        if (followers.has(source)) continue;
        followers.set(source, followLog(join(directory, source), { offset: 0, inode: 0 }));
      }
      const entries: LogEntry[] = [];
      for (const [source, follower] of followers) {
        const lines = await follower.readNew();
        entries.push(...lines.map((line) => ({ source, line })));
      }
      yield* sortByTime(entries);
      await delay(pollMs, undefined, { signal }).catch(() => {});
    }
  } finally {
    await Promise.all([...followers.values()].map((follower) => follower.close()));
  }
}

// Lines of several files in the order they were written; a line without a time of its own (a stack,
// what an engine prints) stays behind the one before it.
function sortByTime(entries: readonly LogEntry[]): LogEntry[] {
  const times = new Map<string, string>();
  const timed = entries.map((entry) => {
    const time = /"time":"([^"]+)"/.exec(entry.line)?.[1] ?? times.get(entry.source) ?? "";
    times.set(entry.source, time);
    return { entry, time };
  });
  return timed
    .toSorted((left, right) => (left.time < right.time ? -1 : left.time > right.time ? 1 : 0))
    .map(({ entry }) => entry);
}
