import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

const introduction = `rbee
Its own licence is in LICENSE. The programs hold the code of the packages below; Node.js and
llama.cpp, which come with an installation, have their licences beside them.
`;

/** The licences of all packages of which a bundle holds code, as they ask for. */
export function renderNotice(modules: readonly string[]): string {
  const folders = new Set(
    modules
      .filter((module) => module.includes("/node_modules/"))
      .map((module) => packageFolder(module)),
  );
  const entries = [...folders].map(describePackage).toSorted();
  return `${[introduction, ...new Set(entries)].join(`\n${"-".repeat(80)}\n`)}\n`;
}

function packageFolder(module: string): string {
  const [, folder = module] = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module) ?? [];
  return folder;
}

function describePackage(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  const file = readdirSync(folder).find((name) => /^(?:licen[cs]e|copying)(?:\.|-|$)/i.test(name));
  const text = file === undefined ? "" : readFileSync(join(folder, file), "utf8").trim();
  const title = `${manifest.name} ${manifest.version} (${manifest.license ?? "see its page"})`;
  return `${title}\n\n${text}`.trimEnd();
}
