// Makes dist/: one file per program, which starts in half the time of its sources, and the manifest
// that makes the folder an installation of its own. Native packages stay outside. An argument names
// another folder within the repository.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { rolldown } from "rolldown";

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
const build = await rolldown({
  input,
  cwd: root,
  platform: "node",
  // Packages with binaries or files of their own cannot be one file with the program.
  external: [/^node:/, /^node-llama-cpp/, /^@node-llama-cpp\//],
  checks: { pluginTimings: false },
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
