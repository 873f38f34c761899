import { join } from "node:path";
import { eventually } from "@rbee/testkit";
import type { HostNetwork } from "@rbee/testkit";

/** What one event of the queen's live state said, and when it came. */
export interface StateSeen {
  readonly atMs: number;
  readonly nodes: Readonly<Record<string, string>>;
  readonly workers: readonly WorkerSeen[];
}

export interface WorkerSeen {
  readonly id: string;
  readonly node: string;
  readonly state: string;
}

export interface StateWatch {
  /** Waits for the first event after `sinceMs` that is so; returns when it came. */
  readonly waitFor: (
    isSo: (state: StateSeen) => boolean,
    wanted: { readonly sinceMs: number; readonly what: string },
  ) => Promise<number>;
  readonly latest: () => StateSeen;
}

const queenUrl = "http://127.0.0.1:8080";
const watchLimitMs = 600_000;
const waitLimitMs = 90_000;

/** Watches the queen's live state from blep, as a console there would. */
export async function watchState(network: HostNetwork): Promise<StateWatch> {
  const program = join(import.meta.dirname, "watch-state.ts");
  const run = await network.hosts.blep.start([process.execPath, program, queenUrl], {
    limitMs: watchLimitMs,
  });
  const list = () =>
    run
      .stdout()
      .split("\n")
      .filter((line) => line.endsWith("}"))
      .map((line) => JSON.parse(line) as StateSeen);
  await eventually(() => list().length > 0, { what: "the queen's live state" });
  return {
    waitFor: async (isSo, { sinceMs, what }) => {
      const found = await eventually(
        () => list().find((state) => state.atMs >= sinceMs && isSo(state)),
        { timeoutMs: waitLimitMs, what },
      );
      return found.atMs;
    },
    latest: () => list().at(-1) ?? { atMs: 0, nodes: {}, workers: [] },
  };
}
