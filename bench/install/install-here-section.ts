import { rmSync } from "node:fs";
import { join } from "node:path";
import { ensureBundle } from "../ensure-bundle.ts";
import type { Row, Section } from "../section.ts";
import { renderRange } from "../statistics.ts";

const bytesPerMb = 1_048_576;

interface Installed {
  readonly size_bytes: number;
  readonly unchanged: boolean;
}

/** What `install` takes on this machine. */
export const installHereSection: Section = {
  name: "install",
  summary:
    "install on this machine: empty cache, full cache, nothing changed; what it takes on disk",
  limitMs: 180_000,
  async run({ openBox, rounds, tell }) {
    const box = await openBox({ installationRoot: ensureBundle(tell) });
    const install = async () => {
      const run = await box.keeper(["install", "--json"]);
      if (run.end()?.code !== 0) throw new Error(`install failed: ${run.stderr()}`);
      const result = JSON.parse(run.stdout()) as Installed;
      return { seconds: (run.end()?.durationMs ?? Number.NaN) / 1000, result };
    };
    const removeInstalled = () =>
      rmSync(join(box.home, ".local"), { recursive: true, force: true });
    const [empty, full, unchanged]: number[][] = [[], [], []];
    let sizeMb = 0;
    for (let round = 1; round <= rounds; round += 1) {
      rmSync(join(box.rbeeHome, "cache"), { recursive: true, force: true });
      removeInstalled();
      const first = await install();
      const again = await install();
      if (!again.result.unchanged) throw new Error("the second installation changed something");
      removeInstalled();
      const second = await install();
      empty?.push(first.seconds);
      unchanged?.push(again.seconds);
      full?.push(second.seconds);
      sizeMb = first.result.size_bytes / bytesPerMb;
      tell(`round ${round}: ${first.seconds.toFixed(2)}, ${again.seconds.toFixed(2)} s`);
    }
    return [
      rowOf("install here, empty cache", empty),
      rowOf("... full cache", full),
      rowOf("... nothing changed", unchanged),
      { name: "... on disk", measured: `${sizeMb.toFixed(1)} MB` },
    ];
  },
};

function rowOf(name: string, seconds: readonly number[] | undefined): Row {
  return { name, measured: `${renderRange(seconds ?? [], 2)} s` };
}
