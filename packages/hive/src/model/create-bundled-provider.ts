import { access } from "node:fs/promises";
import { join } from "node:path";
import { bundledModelReference, RbeeError } from "@rbee/contract";
import { digestFile } from "./digest-file.ts";
import type { ModelProvider } from "./model-provider.ts";

const files: Readonly<Record<string, string>> = {
  [bundledModelReference]: "hello-bee/hello-bee-3m-q8_0.gguf",
};

/** Models that come with rbee: they stay where they are and are never deleted. */
export function createBundledProvider(modelsFolder: string): ModelProvider<"bundled"> {
  const pathOf = (name: string) => {
    const file = files[name];
    return file === undefined ? undefined : join(modelsFolder, file);
  };
  return {
    needsDownload: async () => false,
    // Another version of rbee has its own copy, so the one in the catalogue may not be ours.
    localPath: ({ name }) => pathOf(name),
    async fetch({ name, text }) {
      const path = pathOf(name);
      if (path === undefined || !(await isThere(path))) {
        throw new RbeeError("MODEL_NOT_FOUND", { model: text, candidates: Object.keys(files) });
      }
      return { path, variant: null, digest: await digestFile(path) };
    },
    async listPresent() {
      const found = await Promise.all(
        Object.entries(files).map(async ([name, file]) =>
          (await isThere(join(modelsFolder, file))) ? [name] : [],
        ),
      );
      return found.flat().map((name) => ({ provider: "bundled", text: name, name }));
    },
  };
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
