const givenBack = ["Pages free", "Pages inactive", "Pages speculative", "Pages purgeable"];

/** Memory that macOS could hand out, from `vm_stat`; undefined when it is not that. */
export function parseVmStat(stdout: string): number | undefined {
  const pageBytes = Number(/page size of (\d+) bytes/.exec(stdout)?.[1]);
  if (!Number.isInteger(pageBytes)) return undefined;
  const pages = givenBack.map((name) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)\\.`, "m").exec(stdout)?.[1] ?? 0),
  );
  return pages.reduce((total, count) => total + count, 0) * pageBytes;
}
