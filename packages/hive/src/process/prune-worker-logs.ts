import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { sizes } from "@rbee/contract";

const workerLog = /^worker-(?<id>[A-Za-z0-9-]+)\.log(?:\.\d+)?$/;

/**
 * Each worker has a log of its own, and a hive sees many workers: the oldest logs go, those of
 * living workers stay. Never rejects; a log that cannot be removed is tried again another time.
 */
export async function pruneWorkerLogs(
  directory: string,
  livingIds: readonly string[],
): Promise<void> {
  const living = new Set(livingIds);
  const files = new Map<string, string[]>();
  for (const name of await readdir(directory).catch(() => [])) {
    const id = workerLog.exec(name)?.groups?.["id"];
    if (id !== undefined && !living.has(id)) files.set(id, [...(files.get(id) ?? []), name]);
  }
  const ages = await Promise.all(
    [...files].map(async ([id, names]) => {
      const statuses = names.map((name) => stat(join(directory, name)).catch(() => undefined));
      const writtenMs = (await Promise.all(statuses)).map((status) => status?.mtimeMs ?? 0);
      return { id, writtenMs: Math.max(...writtenMs) };
    }),
  );
  const newestFirst = ages.toSorted((left, right) => right.writtenMs - left.writtenMs);
  const superfluous = newestFirst
    .slice(sizes.workerLogsKept)
    .flatMap(({ id }) => files.get(id) ?? []);
  const removals = superfluous.map((name) => rm(join(directory, name), { force: true }));
  await Promise.allSettled(removals);
}
