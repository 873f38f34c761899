import { existsSync } from "node:fs";
import { glob } from "node:fs/promises";
import { join } from "node:path";
import { parseModelReference } from "@rbee/contract";
import { recordPath } from "./hub/model-record.ts";
import type { ModelProvider } from "./model-provider.ts";

// Only the first part of a split model stands for it.
const laterPart = /-(?!00001)\d{5}-of-\d{5}\.gguf$/i;

/**
 * A person's own files, wherever they are: used in place, never copied and never deleted. Those in
 * the folder of models are found again when the catalogue is made anew.
 */
export function createFileProvider(modelsFolder: string): ModelProvider<"file"> {
  return {
    needsDownload: async () => false,
    fetch: async ({ path }) => ({ path, variant: null, digest: null }),
    async listPresent() {
      const found = [];
      for await (const name of glob("**/*.{gguf,GGUF}", { cwd: modelsFolder })) {
        // What has a record beside it came from the hub.
        if (laterPart.test(name) || existsSync(recordPath(join(modelsFolder, name)))) continue;
        const reference = parseModelReference(`file:${join(modelsFolder, name)}`);
        if (reference?.provider === "file") found.push(reference);
      }
      return found;
    },
  };
}
