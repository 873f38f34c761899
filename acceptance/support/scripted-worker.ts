import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { RbeeWorld } from "../world.ts";

const program = createRequire(import.meta.url).resolve("@rbee/testkit");

/**
 * Has hives that start from now on spawn the testkit's worker program, which does as these words
 * say, instead of the one of this installation.
 */
export function useScriptedWorker(world: RbeeWorld, words: readonly string[]): void {
  const manifest = join(world.box.root, "worker.json");
  const command = [process.execPath, join(program, "../scripted-worker.ts"), ...words];
  const backends = ["cpu", "cuda"];
  writeFileSync(
    manifest,
    JSON.stringify({ name: "scripted-worker", engine: "scripted", command, backends }),
  );
  world.box.configure({ worker: { manifest } });
}

/** Back to the worker of this installation, for hives that start from now on. */
export function useInstalledWorker(world: RbeeWorld): void {
  world.box.configure({ worker: { manifest: undefined } });
}
