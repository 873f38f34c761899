// Makes dist/: one file per program, which starts in half the time of its sources, and the manifest
// that makes the folder an installation of its own. Native packages stay outside. An argument names
// another folder.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { rolldown } from "rolldown";
import type { InputOptions, Plugin } from "rolldown";
import { installConsole } from "./install-console.ts";
import { renderNotice } from "./render-notice.ts";

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
// Engines keep a source as wide characters as soon as one of them is not ASCII: twice the memory.
const asciiOutput: Plugin = {
  name: "ascii-output",
  renderChunk: (code) =>
    code.replaceAll(/[\u0080-\uffff]/g, (unit) => {
      const digits = unit.charCodeAt(0).toString(16).padStart(4, "0");
      return `\\u${digits}`;
    }),
};

// Libraries import these for what we do not use: default metrics with traces, log workers, the id
// of the machine that traces could carry.
const unusedModules = /^(?:@opentelemetry\/api|thread-stream|\.\/getMachineId-\w+\.mjs)$/;
const unusedModuleId = "\0unused-module";
const leaveOutUnused: Plugin = {
  name: "leave-out-unused",
  resolveId(id, importer = "") {
    const isTracing = /\/(?:@opentelemetry|telemetry)\//.test(importer);
    const isUnused = unusedModules.test(id) && !(isTracing && id === "@opentelemetry/api");
    return isUnused ? unusedModuleId : undefined;
  },
  load: (id) => (id === unusedModuleId ? "export default {};" : undefined),
};

// The engine's library finds binaries and grammars from where its files are: they are still told
// that place, though their code is here. Read as 300 files it takes half of a worker's start.
const library = join(root, "node_modules/node-llama-cpp/dist");
// Its test of a binary runs in a process of its own, from the file that it is itself.
const testProgram = "testBindingBinary";
const testProgramFile = join(library, `bindings/utils/${testProgram}.js`);
const keepLibraryPaths: Plugin = {
  name: "keep-library-paths",
  transform(code, id) {
    if (!id.startsWith(library)) return undefined;
    const path = JSON.stringify(`./${relative(library, id)}`);
    const url =
      id === testProgramFile
        ? `new URL("../${testProgram}.js", import.meta.url).href`
        : `new URL(${path}, import.meta.resolve("node-llama-cpp")).href`;
    return code.replaceAll("import.meta.url", url);
  },
};

const common: InputOptions = {
  cwd: root,
  platform: "node",
  // Binaries, and what the library asks for in other places than ours.
  external: [/^node:/, /^@node-llama-cpp\//, /^@reflink\//, "electron"],
  checks: { pluginTimings: false },
};
// Our rooms that only say things: what a program does not use of them is left out.
const spoken = /\/packages\/(?:contract|sdk|telemetry)\/src\//;
// Tables of the hub, of which the reader of GGUF files needs two enumerations.
const hubTables = "/@huggingface/tasks/";
const modules: string[] = [];
// Each for itself: what only one program needs would else be in a file that all of them read.
for (const [name, file] of Object.entries(manifest.programs)) {
  const build = await rolldown({
    ...common,
    input: { [name]: join(root, file) },
    treeshake: { moduleSideEffects: (id) => !id.includes(hubTables) && !spoken.test(id) },
    plugins: [leaveOutUnused, keepLibraryPaths, asciiOutput],
  });
  const written = await build.write({
    dir: output,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "shared/[name]-[hash].js",
    minify: false,
  });
  await build.close();
  modules.push(
    ...written.output.flatMap((chunk) => (chunk.type === "chunk" ? chunk.moduleIds : [])),
  );
}
const testBuild = await rolldown({
  ...common,
  input: testProgramFile,
  treeshake: { moduleSideEffects: (id) => id === testProgramFile },
});
await testBuild.write({ file: join(output, `${testProgram}.js`), format: "esm" });
await testBuild.close();
// What a node runs before anything of rbee is there: one file that needs nothing but Node.
const unpackBuild = await rolldown({
  ...common,
  input: join(root, "packages/payload/src/unpack/main.ts"),
  plugins: [asciiOutput],
});
await unpackBuild.write({ file: join(output, "unpack.js"), format: "esm" });
await unpackBuild.close();
await installConsole(join(output, "console"));
cpSync(join(root, manifest.worker_manifest), join(output, "worker.json"));
// What an installation needs besides.
cpSync(join(root, "docs/config.example.toml"), join(output, "config.example.toml"));
cpSync(join(root, "LICENSE"), join(output, "LICENSE"));
writeFileSync(join(output, "NOTICE"), renderNotice(modules));
const installed = {
  version: manifest.version,
  programs: Object.fromEntries(Object.keys(manifest.programs).map((name) => [name, `${name}.js`])),
  models: relative(output, join(root, manifest.models)),
  worker_manifest: "worker.json",
  console: "console",
};
// Written last: its time tells the launcher whether the bundle is older than the sources.
writeFileSync(join(output, "rbee.json"), `${JSON.stringify(installed, null, 2)}\n`);
