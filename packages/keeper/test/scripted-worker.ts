import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Box } from "@rbee/testkit";

const { resolve } = createRequire(import.meta.url);

/** From now on the box's hives spawn the testkit's worker, with the faults that `words` name. */
export function useScriptedWorker(box: Box, words: readonly string[]): void {
  const program = join(dirname(resolve("@rbee/testkit")), "scripted-worker.ts");
  const manifest = join(box.root, "scripted-worker.json");
  const command = [process.execPath, program, ...words];
  writeFileSync(
    manifest,
    JSON.stringify({ name: "scripted", engine: "scripted", command, backends: ["cpu"] }),
  );
  box.configure({ worker: { manifest } });
}
