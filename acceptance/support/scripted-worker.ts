import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { RbeeWorld } from "../world.ts";

/** What a worker program that is not ours does, or does wrong. */
export interface WorkerScript {
  readonly [name: string]: unknown;
}

const program = createRequire(import.meta.url).resolve("@rbee/testkit");

/** Has hives that start from now on spawn this program instead of llama.cpp's worker. */
export function useScriptedWorker(world: RbeeWorld, script: WorkerScript): void {
  const scriptFile = join(world.box.root, "worker-script.json");
  const manifest = join(world.box.root, "worker.json");
  writeFileSync(scriptFile, JSON.stringify(script));
  const command = [
    process.execPath,
    join(program, "../scripted-worker.ts"),
    "--script",
    scriptFile,
  ];
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
