// Makes dist/: one file per program, which starts in half the time of its sources, and the manifest
// that makes the folder an installation of its own. Native packages stay outside. An argument names
// another folder within the repository.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { rolldown } from "rolldown";
import type { Plugin } from "rolldown";

const root = dirname(import.meta.dirname);
const output = resolve(root, process.argv[2] ?? "dist");
const manifest = JSON.parse(readFileSync(join(root, "rbee.json"), "utf8")) as {
  version: string;
  programs: Record<string, string>;
  models: string;
  worker_manifest: string;
};

rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });
const input = Object.fromEntries(
  Object.entries(manifest.programs).map(([name, file]) => [name, join(root, file)]),
);

// Engines keep a source as wide characters as soon as one of them is not ASCII: twice the memory.
const asciiOutput: Plugin = {
  name: "ascii-output",
  renderChunk: (code) =>
    code.replaceAll(/[\u0080-\uffff]/g, (unit) => {
      const digits = unit.charCodeAt(0).toString(16).padStart(4, "0");
      return `\\u${digits}`;
    }),
};

// Libraries import these for what we do not use: default metrics with traces, log workers.
const unusedModules = /^(?:@opentelemetry\/api|thread-stream)$/;
const unusedModuleId = "\0unused-module";
const leaveOutUnused: Plugin = {
  name: "leave-out-unused",
  resolveId: (id) => (unusedModules.test(id) ? unusedModuleId : undefined),
  load: (id) => (id === unusedModuleId ? "export default {};" : undefined),
};

const build = await rolldown({
  input,
  cwd: root,
  platform: "node",
  // Packages with binaries or files of their own cannot be one file with the program.
  external: [/^node:/, /^node-llama-cpp/, /^@node-llama-cpp\//],
  checks: { pluginTimings: false },
  // Tables of the hub, of which the reader of GGUF files needs two enumerations.
  treeshake: { moduleSideEffects: (id) => !id.includes("/@huggingface/tasks/") },
  plugins: [leaveOutUnused, asciiOutput],
});
await build.write({
  dir: output,
  format: "esm",
  entryFileNames: "[name].js",
  chunkFileNames: "shared/[name]-[hash].js",
  minify: false,
});
await build.close();
cpSync(join(root, manifest.worker_manifest), join(output, "worker.json"));
const installed = {
  version: manifest.version,
  programs: Object.fromEntries(Object.keys(manifest.programs).map((name) => [name, `${name}.js`])),
  models: relative(output, join(root, manifest.models)),
  worker_manifest: "worker.json",
};
// Written last: its time tells the launcher whether the bundle is older than the sources.
writeFileSync(join(output, "rbee.json"), `${JSON.stringify(installed, null, 2)}\n`);
