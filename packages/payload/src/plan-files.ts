import { readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Installation } from "@rbee/settings";
import { launchers, renderLauncher } from "./render-launcher.ts";

/** A file of a payload before it is there. */
export interface PlannedFile {
  readonly path: string;
  readonly mode: number;
  readonly sizeBytes: number;
  /** Another file, or the text itself. */
  readonly from: { readonly file: string } | { readonly text: string };
  /** Files that never change in their place may be shared with it instead of copied. */
  readonly mayBeLinked: boolean;
}

export interface PartFolder {
  readonly folder: string;
  /** Where its files go in the payload. */
  readonly under: string;
  readonly isWanted: (path: string) => boolean;
}

interface FilesInput {
  readonly installation: Installation;
  readonly programFolder: string;
  readonly parts: readonly PartFolder[];
}

/** All files of a payload, sorted by path. */
export async function planFiles(input: FilesInput): Promise<readonly PlannedFile[]> {
  const { installation, programFolder, parts } = input;
  const planned = await Promise.all([
    listFolder({ folder: programFolder, under: "", isWanted: isProgramFile }),
    listFolder({
      folder: join(installation.models, "hello-bee"),
      under: "models/hello-bee",
      isWanted: isModelFile,
    }),
    ...parts.map(async (part) => {
      const files = await listFolder(part);
      return files.map((file) => ({ ...file, mayBeLinked: true }));
    }),
  ]);
  const made = [
    textFile("rbee.json", renderManifest(installation.version)),
    // Tells Node that the programs are modules.
    textFile("package.json", renderPackage(installation.version)),
    ...Object.entries(launchers).map(([name, program]) => ({
      ...textFile(`bin/${name}`, renderLauncher(program)),
      mode: 0o755,
    })),
  ];
  return [...planned.flat(), ...made].toSorted((left, right) => (left.path < right.path ? -1 : 1));
}

// What a bundle holds; the rest of an installed copy is planned by its parts.
function isProgramFile(path: string): boolean {
  return (
    /^(?:[\w-]+\.js|shared\/[^/]+\.js|worker\.json|config\.example\.toml|LICENSE|NOTICE)$/.test(
      path,
    ) ||
    /^console\/(?:files\.json|index\.html|assets\/[\w-]+\.(?:js|css|svg)(?:\.br|\.gz)?)$/.test(path)
  );
}

// The bundled model in the one form that `hello-bee` means, and what is to be known of it.
function isModelFile(path: string): boolean {
  return /^(?:hello-bee-3m-q8_0\.(?:gguf|sampling\.json)|MODEL_CARD\.md)$/.test(path);
}

async function listFolder({ folder, under, isWanted }: PartFolder): Promise<PlannedFile[]> {
  const paths = await listWanted(folder, isWanted);
  return await Promise.all(
    paths.map(async (path) => {
      const file = join(folder, path);
      const { size, mode } = await stat(file);
      const isRun = (mode & 0o111) !== 0;
      return {
        path: under === "" ? path : `${under}/${path}`,
        mode: isRun ? 0o755 : 0o644,
        sizeBytes: size,
        from: { file },
        mayBeLinked: false,
      };
    }),
  );
}

// Folders of which nothing is wanted at their top are not looked through: a clone has many files.
async function listWanted(folder: string, isWanted: (path: string) => boolean): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry) => {
      if (entry.isFile()) return [entry.name];
      if (!entry.isDirectory() || /^(?:node_modules|models|runtime)$/.test(entry.name)) return [];
      const below = await readdir(join(folder, entry.name), {
        recursive: true,
        withFileTypes: true,
      });
      return below
        .filter((inner) => inner.isFile())
        .map((inner) => relative(folder, join(inner.parentPath, inner.name)));
    }),
  );
  return found.flat().filter((path) => isWanted(path));
}

function textFile(path: string, text: string): PlannedFile {
  const sizeBytes = Buffer.byteLength(text);
  return { path, mode: 0o644, sizeBytes, from: { text }, mayBeLinked: false };
}

function renderManifest(version: string): string {
  const names = ["rbee-keeper", "queen-rbee", "rbee-hive", "llm-worker-rbee"];
  const programs = Object.fromEntries(names.map((name) => [name, `${name}.js`]));
  const places = { models: "models", worker_manifest: "worker.json", console: "console" };
  const manifest = { version, programs, ...places };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

function renderPackage(version: string): string {
  const manifest = { name: "rbee", version, private: true, license: "Apache-2.0", type: "module" };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

const required = [
  /^LICENSE$/,
  /^NOTICE$/,
  /^config\.example\.toml$/,
  /^(?:rbee-keeper|queen-rbee|rbee-hive|llm-worker-rbee)\.js$/,
  /^worker\.json$/,
  /^console\/files\.json$/,
  /^models\/hello-bee\/hello-bee-3m-q8_0\.gguf$/,
  /^node_modules\/node-llama-cpp\/package\.json$/,
  /^node_modules\/@node-llama-cpp\/[^/]+\/bins\/[^/]+\/llama-addon\.node$/,
  /^runtime\/bin\/node$/,
];

/** What a payload cannot be without and would lack. */
export function listMissing(files: readonly PlannedFile[]): readonly string[] {
  return required
    .filter((pattern) => !files.some(({ path }) => pattern.test(path)))
    .map((pattern) => pattern.source.replaceAll(/[\\^$]/g, ""));
}
