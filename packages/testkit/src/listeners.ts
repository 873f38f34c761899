import { readFileSync } from "node:fs";

const listenState = "0A";

/** Every TCP port of this machine that somebody listens on. */
export function listListeningPorts(): Set<number> {
  const tables = ["/proc/net/tcp", "/proc/net/tcp6"].map((path) => readFileSync(path, "utf8"));
  return new Set(tables.flatMap(parseListeningPorts));
}

/** The listening ports in a table of `/proc/net/tcp`. */
export function parseListeningPorts(table: string): number[] {
  return table
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [, local = "", , state] = line.trim().split(/\s+/);
      if (state !== listenState) return [];
      return [Number.parseInt(local.slice(local.lastIndexOf(":") + 1), 16)];
    });
}
