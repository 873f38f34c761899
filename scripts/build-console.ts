import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { rolldown } from "rolldown";

const root = dirname(import.meta.dirname);
const source = join(root, "packages/console");

interface BuiltFile {
  readonly path: string;
  readonly type: string;
  readonly bytes: number;
  /** Its name tells its content, so that a browser may keep it for ever. */
  readonly immutable: boolean;
}

/**
 * Makes the console from its sources: hashed, minified files in a folder, and `files.json`, the list
 * by which the queen serves them.
 */
export async function buildConsole(output: string): Promise<void> {
  rmSync(output, { recursive: true, force: true });
  mkdirSync(join(output, "assets"), { recursive: true });
  const files: BuiltFile[] = [];
  const write = (file: NewFile) => void files.push(writeFile(output, file));
  const entry = await bundleScripts();
  const styles = hashedFile("styles", "css", readStyles(entry.modules));
  const icon = hashedFile("icon", "svg", readFileSync(join(source, "icon.svg"), "utf8"));
  for (const file of [...entry.files, styles, icon]) write(file);
  const text = readFileSync(join(source, "index.html"), "utf8")
    .replace("%SCRIPT%", `/${entry.script}`)
    .replace("%PRELOAD%", entry.preload.map(renderPreload).join("\n    "))
    .replace("%STYLES%", `/${styles.path}`)
    .replace("%ICON%", `/${icon.path}`);
  write({ path: "index.html", type: "text/html; charset=utf-8", immutable: false, text });
  writeFileSync(join(output, "files.json"), `${JSON.stringify({ files }, null, 2)}\n`);
}

interface NewFile extends Omit<BuiltFile, "bytes"> {
  readonly text: string;
}

interface Entry {
  readonly files: readonly NewFile[];
  readonly script: string;
  readonly preload: readonly string[];
  /** Every module that is in some chunk. */
  readonly modules: readonly string[];
}

async function bundleScripts(): Promise<Entry> {
  const build = await rolldown({
    cwd: root,
    platform: "browser",
    input: { console: join(source, "src/main.tsx") },
    transform: { define: { "process.env.NODE_ENV": JSON.stringify("production") } },
    // Schemas that the console does not use are left out: making one has no effect.
    treeshake: {
      moduleSideEffects: [{ test: /\/packages\/(?:contract|sdk)\//, sideEffects: false }],
    },
    // Libraries mark what may run on a server first; here everything runs in the browser.
    onLog(level, log, handle) {
      if (log.code !== "MODULE_LEVEL_DIRECTIVE") handle(level, log);
    },
    checks: { pluginTimings: false },
  });
  const { output: chunks } = await build.generate({
    format: "esm",
    minify: true,
    entryFileNames: "assets/[name]-[hash].js",
    chunkFileNames: "assets/[name]-[hash].js",
  });
  await build.close();
  const scripts = chunks.filter((chunk) => chunk.type === "chunk");
  const type = "text/javascript; charset=utf-8";
  const files = scripts.map(({ fileName: path, code: text }) => ({
    path,
    type,
    immutable: true,
    text,
  }));
  const main = scripts.find(({ isEntry }) => isEntry);
  if (main === undefined) throw new Error("the console has no entry");
  const modules = scripts.flatMap(({ moduleIds }) => moduleIds);
  return { files, script: main.fileName, preload: main.imports, modules };
}

// Of the library's styles those of the components that are used, in the library's own order; ours on
// top of them.
function readStyles(modules: readonly string[]): string {
  const library = join(root, "node_modules/@mantine/core");
  const whole = readFileSync(join(library, "styles.css"), "utf8");
  const used = new Set(
    modules.map((id) => /@mantine\/core\/esm\/(?:components|utils)\/(\w+)\//.exec(id)?.[1]),
  );
  const isUsed = (name: string) => used.has(name) || isSharedStyle(name);
  const parts = readdirSync(join(library, "styles"))
    .filter((file) => file.endsWith(".css") && !file.endsWith(".layer.css"))
    .filter((file) => isUsed(file.slice(0, -".css".length)))
    .map((file) => readFileSync(join(library, "styles", file), "utf8"))
    .map((text) => ({ text, place: whole.indexOf(text.trim().slice(0, 80)) }))
    .toSorted((left, right) => left.place - right.place)
    .map(({ text }) => text);
  const own = [join(root, "node_modules/uplot/dist/uPlot.min.css"), join(source, "src/styles.css")];
  return [...parts, ...own.map((path) => readFileSync(path, "utf8"))]
    .join("\n")
    .replaceAll(/\n\s+/g, "\n");
}

// Not of one component: the reset, the variables, the colours.
function isSharedStyle(name: string): boolean {
  return /^[a-z]/.test(name);
}

function hashedFile(name: string, extension: "css" | "svg", text: string): NewFile {
  const types = { css: "text/css; charset=utf-8", svg: "image/svg+xml" };
  const hash = createHash("sha256").update(text).digest("base64url").slice(0, 8);
  const path = `assets/${name}-${hash}.${extension}`;
  return { path, type: types[extension], immutable: true, text };
}

function writeFile(output: string, { text, ...file }: NewFile): BuiltFile {
  const content = Buffer.from(text);
  writeFileSync(join(output, file.path), content);
  return { ...file, bytes: content.length };
}

function renderPreload(path: string): string {
  return `<link rel="modulepreload" href="/${path}" />`;
}
