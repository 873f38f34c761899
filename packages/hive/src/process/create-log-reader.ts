import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { RbeeError } from "@rbee/contract";
import { followLog, readLogTail } from "@rbee/daemon";
import type { LogFollower } from "@rbee/daemon";
import type { LogEntry, LogReader, LogRequest } from "../ports.ts";

interface TimedEntry extends LogEntry {
  /** When its file was last written, for files whose lines carry no time at all. */
  readonly readAt: string;
}

const hiveLog = "hive.log";
const workerLog = /^worker-[A-Za-z0-9-]+\.log$/;
const pollMs = 250;

export function createLogReader(directory: string): LogReader {
  return {
    async open({ worker, lines, follow }: LogRequest, signal) {
      const names = worker === undefined ? undefined : [`worker-${worker}.log`];
      const followers = new Map<string, LogFollower>();
      const entries: TimedEntry[] = [];
      for (const source of names ?? (await listLogs(directory))) {
        const path = join(directory, source);
        const tail = await readLogTail(path, lines);
        if (tail === undefined) continue;
        const readAt = new Date(tail.modifiedMs).toISOString();
        entries.push(...tail.lines.map((line) => ({ source, line, readAt })));
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
      const found = discover ? await listLogs(directory) : [];
      for (const source of found.filter((name) => !followers.has(name))) {
        followers.set(source, followLog(join(directory, source), { offset: 0, inode: 0 }));
      }
      const entries: TimedEntry[] = [];
      const readAt = new Date().toISOString();
      for (const [source, follower] of followers) {
        const lines = await follower.readNew();
        entries.push(...lines.map((line) => ({ source, line, readAt })));
      }
      yield* sortByTime(entries);
      await delay(pollMs, undefined, { signal }).catch(() => {});
    }
  } finally {
    await Promise.all([...followers.values()].map((follower) => follower.close()));
  }
}

// Lines of several files in the order they were written. A line without a time of its own (a stack,
// what an engine prints) belongs to the one before it, at the beginning to the one after it.
function sortByTime(entries: readonly TimedEntry[]): LogEntry[] {
  const times = entries.map(({ line }) => /"time":"([^"]+)"/.exec(line)?.[1]);
  const latest = new Map<string, string>();
  for (const [index, { source }] of entries.entries()) {
    const time = times[index];
    if (time !== undefined && !latest.has(source)) latest.set(source, time);
  }
  const timed = entries.map(({ readAt, ...entry }, index) => {
    const time = times[index] ?? latest.get(entry.source) ?? readAt;
    latest.set(entry.source, time);
    return { entry, time };
  });
  return timed
    .toSorted((left, right) => (left.time < right.time ? -1 : left.time > right.time ? 1 : 0))
    .map(({ entry }) => entry);
}
