import { basename } from "node:path";
import { describe, it } from "node:test";
import { listFiles, listProductSources, readText, reportFindings } from "./repository.ts";

const bannedFileWords =
  /(?:^|-)(?:util|utils|helper|helpers|common|misc|base|service|manager|stuff|data|info)(?:-|\.|$)/;
const abbreviations =
  /\b(?:const|let|function)\s+(msg|req|res|cfg|opts|ctx|tmp|err|cb|fn|str|num|arr|obj|val|idx|e|i)\b|\((?:(msg|req|res|cfg|opts|ctx|tmp|err|cb|fn|e|i))\)?\s*(?::[^)]*\))?\s*=>/;

describe("names", () => {
  it("of files are kebab-case and say what they export", () => {
    const findings = listFiles(/^(?:packages|tidy|scripts|acceptance|bench)\/.*\.(?:tsx?|mjs)$/)
      .filter((path) => !path.includes("__fixtures__"))
      .flatMap((path) => {
        const name = basename(path);
        if (!/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test|\.d)?\.(?:tsx?|mjs)$/.test(name)) {
          return [`${path}: file names are kebab-case; see docs/style.md`];
        }
        return bannedFileWords.test(name) ? [`${path}: name files after what they export`] : [];
      });
    reportFindings(findings);
  });

  it("are whole words", () => {
    const findings = listProductSources().flatMap((path) =>
      readText(path)
        .split("\n")
        .flatMap((line, index) => {
          const match = abbreviations.exec(line);
          const word = match?.[1] ?? match?.[2];
          return word === undefined ? [] : [`${path}:${index + 1}: '${word}' is no whole word`];
        }),
    );
    reportFindings(findings);
  });

  it("are the same in an index and in the files it joins: named exports only", () => {
    const findings = listProductSources()
      .filter((path) => /^export default\b/m.test(readText(path)))
      .map((path) => `${path}: use a named export`);
    reportFindings(findings);
  });
});
