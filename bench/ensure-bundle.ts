import { execFileSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

/** Bundles the programs as they are now; returns the root of that installation. */
export function ensureBundle(tell: (line: string) => void): string {
  const startedAt = performance.now();
  execFileSync(process.execPath, [join(root, "scripts/bundle.ts")], { cwd: root, stdio: "pipe" });
  tell(`bundled in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  return join(root, "dist");
}
