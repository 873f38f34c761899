// Makes the package that is published as @rbee/sdk: plain JavaScript for Node and browsers, its
// types, and a package.json of its own that needs nothing of this workspace. An argument names
// another folder than packages/sdk/dist.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { rolldown } from "rolldown";

const root = dirname(import.meta.dirname);
const source = join(root, "packages/sdk");

interface Manifest {
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

async function buildSdk(output: string): Promise<void> {
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  const entries = { index: "src/published.ts", node: "src/node-fetch.ts" };
  await bundle(output, { entries, external: [/^node:/, "zod"] });
  // For a page without a bundler: one file that needs nothing.
  await bundle(output, { entries: { browser: "src/published.ts" }, external: [], minify: true });
  writeTypes(join(output, "types"));
  cpSync(join(source, "README.md"), join(output, "README.md"));
  cpSync(join(root, "LICENSE"), join(output, "LICENSE"));
  const manifest = renderManifest();
  writeFileSync(join(output, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

interface Parts {
  readonly entries: Readonly<Record<string, string>>;
  readonly external: readonly (string | RegExp)[];
  readonly minify?: boolean;
}

async function bundle(output: string, { entries, external, minify = false }: Parts): Promise<void> {
  const input = Object.entries(entries).map(([name, file]) => [name, join(source, file)]);
  const build = await rolldown({
    cwd: root,
    platform: "neutral",
    input: Object.fromEntries(input) as Record<string, string>,
    external: [...external],
    // Making a schema has no effect: those that nobody asks for are left out.
    treeshake: { moduleSideEffects: (id) => !/\/packages\/(?:contract|sdk)\//.test(id) },
    checks: { pluginTimings: false },
  });
  await build.write({
    dir: output,
    format: "esm",
    minify,
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
  });
  await build.close();
}

// The contract's types travel along: nobody else can install it.
function writeTypes(folder: string): void {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const words = ["-p", join(source, "tsconfig.build.json"), "--outDir", folder];
  const { status, stdout } = spawnSync(process.execPath, [tsc, ...words], { encoding: "utf8" });
  if (status !== 0) throw new Error(`the types of the SDK could not be made:\n${stdout}`);
  const contract = join(folder, "contract/src/index.js");
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".d.ts")) continue;
    const file = join(folder, name);
    const toContract = relative(dirname(file), contract);
    const text = readFileSync(file, "utf8")
      .replaceAll(/(["'])@rbee\/contract\1/g, `"${toContract}"`)
      .replaceAll(/(from |import\()(["'])(\.[^"']*)\.ts\2/g, '$1"$3.js"');
    writeFileSync(file, text);
  }
}

function renderManifest(): object {
  const own = readManifest(join(source, "package.json"));
  const { version } = readManifest(join(root, "package.json"));
  const types = "./types/sdk/src/published.d.ts";
  return {
    name: "@rbee/sdk",
    version,
    description: own.description,
    keywords: ["llm", "inference", "self-hosted", "streaming", "rbee"],
    license: own.license,
    type: "module",
    sideEffects: false,
    engines: { node: ">=20.3" },
    exports: {
      ".": { types, default: "./index.js" },
      "./browser": { types, default: "./browser.js" },
      "./node": { types: "./types/sdk/src/node-fetch.d.ts", default: "./node.js" },
      "./package.json": "./package.json",
    },
    files: ["*.js", "types"],
    dependencies: { zod: `^${own.dependencies["zod"]}` },
  };
}

function readManifest(file: string): Manifest {
  return JSON.parse(readFileSync(file, "utf8")) as Manifest;
}

await buildSdk(resolve(root, process.argv[2] ?? "packages/sdk/dist"));
