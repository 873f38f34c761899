import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { rolldown } from "rolldown";
import type { OutputChunk, Plugin } from "rolldown";

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
  const colouring = await bundleColouring();
  const entry = await bundleScripts(`/${colouring.path}`);
  const { first, late } = splitStyles(entry);
  const styles = hashedFile("styles", "css", first);
  const lateStyles = hashedFile("late-styles", "css", late);
  const icon = hashedFile("icon", "svg", readFileSync(join(source, "icon.svg"), "utf8"));
  for (const file of [...entry.files, colouring, styles, lateStyles, icon]) write(file);
  const text = readFileSync(join(source, "index.html"), "utf8")
    .replace("%SCRIPT%", `/${entry.script}`)
    .replace("%PRELOAD%", entry.preload.map(renderPreload).join("\n    "))
    .replace("%STYLES%", `/${styles.path}`)
    .replace("%LATE_STYLES%", `/${lateStyles.path}`)
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
  /** Every module that the first look needs. */
  readonly firstModules: readonly string[];
  /** Every module that is in some chunk. */
  readonly modules: readonly string[];
}

async function bundleScripts(colouringUrl: string): Promise<Entry> {
  const chunks = await bundle("console", "src/main.tsx", {
    codeColouringUrl: JSON.stringify(colouringUrl),
  });
  const main = chunks.find(({ isEntry }) => isEntry);
  if (main === undefined) throw new Error("the console has no entry");
  const first = findFirst(chunks);
  return {
    files: chunks.map(scriptFile),
    script: main.fileName,
    // What the entry shares with other pages need not wait until it has been read.
    preload: [...first]
      .filter((chunk) => !chunk.isEntry && !isChart(chunk))
      .map(({ fileName }) => fileName),
    firstModules: chunks.filter((chunk) => first.has(chunk)).flatMap(({ moduleIds }) => moduleIds),
    modules: chunks.flatMap(({ moduleIds }) => moduleIds),
  };
}

/** Colours code beside the page: a program of its own, in one file. */
async function bundleColouring(): Promise<NewFile> {
  const [chunk, ...others] = await bundle(
    "colour-code",
    "src/pages/chat/colour-code-worker.ts",
    {},
  );
  if (chunk === undefined || others.length > 0) throw new Error("the colouring is not one file");
  return scriptFile(chunk);
}

async function bundle(
  name: string,
  entry: string,
  constants: Readonly<Record<string, string>>,
): Promise<readonly OutputChunk[]> {
  const build = await rolldown({
    cwd: root,
    platform: "browser",
    input: { [name]: join(source, entry) },
    plugins: [withoutUnasked],
    transform: { define: { "process.env.NODE_ENV": JSON.stringify("production"), ...constants } },
    // Schemas that the console does not use are left out: making one has no effect.
    treeshake: {
      moduleSideEffects: [{ test: /\/packages\/(?:contract|sdk)\//, sideEffects: false }],
      manualPureFunctions: ["z", "defineRoutes"],
    },
    // Libraries mark what may run on a server first; here everything runs in the browser.
    onLog(level, log, handle) {
      if (log.code !== "MODULE_LEVEL_DIRECTIVE") handle(level, log);
    },
    checks: { pluginTimings: false },
  });
  const { output } = await build.generate({
    format: "esm",
    minify: true,
    entryFileNames: "assets/[name]-[hash].js",
    chunkFileNames: "assets/[name]-[hash].js",
  });
  await build.close();
  return output.filter((chunk) => chunk.type === "chunk");
}

const unaskedModule =
  /\/zod\/v4\/(?:core\/(?:json-schema-processors|to-json-schema)|locales\/en)\.js$/;

// Each schema of zod brings along how it is told as a JSON schema, and all of them sentences about
// what is wrong: nobody asks for either here, and it would be a twentieth of the first load.
const withoutUnasked: Plugin = {
  name: "without-unasked",
  load(id) {
    if (!unaskedModule.test(id)) return undefined;
    const exported = readFileSync(id, "utf8").matchAll(
      /^export (?:const|function|(default)) ?(\w+)/gm,
    );
    const names = Array.from(exported, ([, whole, name]) => `none as ${whole ?? name}`);
    return `const none = () => ({});\nexport { ${names.join(", ")} };\n`;
  },
};

// The page at `/` asks for it by itself, and draws it into a place that is kept for it.
const chart = /\/pages\/overview\/rate-chart\.tsx$/;

const isChart = ({ facadeModuleId }: OutputChunk) => chart.test(facadeModuleId ?? "");

function findFirst(chunks: readonly OutputChunk[]): ReadonlySet<OutputChunk> {
  const first = new Set<OutputChunk>();
  const add = (chunk: OutputChunk) => {
    if (first.has(chunk)) return;
    first.add(chunk);
    chunks.filter(({ fileName }) => chunk.imports.includes(fileName)).forEach(add);
  };
  chunks.filter((chunk) => chunk.isEntry || isChart(chunk)).forEach(add);
  return first;
}

function scriptFile({ fileName: path, code: text }: OutputChunk): NewFile {
  return { path, type: "text/javascript; charset=utf-8", immutable: true, text };
}

interface Styles {
  readonly first: string;
  /** Of what only other pages show; they ask for it. */
  readonly late: string;
}

// Of the library's styles those of the components that are used, in the library's own order. They
// are in a layer below ours, so that it does not matter which come first.
function splitStyles({ firstModules, modules }: Entry): Styles {
  const whole = readFileSync(join(library, "styles.css"), "utf8");
  const isFirst = namesOf(firstModules);
  const isUsed = namesOf(modules);
  const files = readdirSync(join(library, "styles"))
    .filter((file) => file.endsWith(layerEnd))
    .map((file) => file.slice(0, -layerEnd.length))
    .filter((name) => isUsed.has(name) || sharedStyles.has(name))
    .map((name) => ({ name, place: whole.indexOf(readStart(name)) }))
    .toSorted((left, right) => left.place - right.place);
  const read = (names: readonly string[]) =>
    names.map((name) => readFileSync(join(library, "styles", `${name}${layerEnd}`), "utf8"));
  const names = files.map(({ name }) => name);
  const isNow = (name: string) => isFirst.has(name) || sharedStyles.has(name);
  const own = [join(root, "node_modules/uplot/dist/uPlot.min.css"), join(source, "src/styles.css")];
  return {
    first: squeeze([
      ...read(names.filter(isNow)),
      ...own.map((path) => readFileSync(path, "utf8")),
    ]),
    late: squeeze(read(names.filter((name) => !isNow(name)))),
  };
}

const library = join(root, "node_modules/@mantine/core");
const layerEnd = ".layer.css";

function namesOf(modules: readonly string[]): ReadonlySet<string> {
  const component = /@mantine\/core\/esm\/(?:components|utils)\/(\w+)\//;
  return new Set(modules.flatMap((id) => component.exec(id)?.[1] ?? []));
}

function readStart(name: string): string {
  return readFileSync(join(library, "styles", `${name}.css`), "utf8")
    .trim()
    .slice(0, 80);
}

function squeeze(styles: readonly string[]): string {
  return styles
    .join("\n")
    .replaceAll(/\s*\n\s*/g, "\n")
    .replaceAll(/(?<=[{};,])\n/g, "");
}

// Not of one component. The variables are not among them: the page writes down those of its theme.
const sharedStyles: ReadonlySet<string> = new Set(["baseline", "global"]);

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
