import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

export const root = dirname(import.meta.dirname);

/** Every file of the repository that git tracks or would track, relative to its root. */
export function listFiles(pattern: RegExp): string[] {
  const output = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return output
    .split("\n")
    .filter((path) => path !== "" && pattern.test(path) && existsSync(join(root, path)));
}

export function readText(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** The product's own sources: what runs at the person's home. */
export function listProductSources(): string[] {
  return listFiles(/^packages\/(?!testkit\/)[a-z]+\/src\/.*\.tsx?$/).filter(
    (path) => !/\.test\.ts$|-fixture\.ts$|__fixtures__/.test(path),
  );
}

/** A source without its comments, for rules about what the code does. */
export function readCode(path: string): string {
  return readText(path)
    .replaceAll(/^\s*\/\*[\s\S]*?\*\//gm, "")
    .replaceAll(/^\s*\/\/.*$/gm, "");
}

/** What a file imports, types included, as written. */
export function importsOf(path: string): string[] {
  const found = readCode(path).matchAll(
    /^\s*(?:import|export)\s(?:[\w\s{},*$]+?\sfrom\s)?\s*"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/gm,
  );
  return [...found].map(([, statement, dynamic]) => statement ?? dynamic ?? "");
}

/** Fails with every finding at once, so that one run shows all there is to mend. */
export function reportFindings(findings: readonly string[]): void {
  if (findings.length > 0) throw new Error(`\n${findings.join("\n")}`);
}
