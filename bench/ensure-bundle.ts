import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
// Not `dist`: whoever bundles or measures beside a measurement would take its programs away.
const ownFolder = `.cache/bench/programs-${process.pid}`;
process.once("exit", () => rmSync(join(root, ownFolder), { recursive: true, force: true }));

/** Bundles the programs as they are now; returns the root of that installation. */
export function ensureBundle(tell: (line: string) => void, folder = ownFolder): string {
  const startedAt = performance.now();
  const output = join(root, folder);
  const words = [join(root, "scripts/bundle.ts"), output];
  execFileSync(process.execPath, words, { cwd: root, stdio: "pipe" });
  tell(`bundled in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  return output;
}
