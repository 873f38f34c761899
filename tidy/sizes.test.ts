import { statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { listFiles, readText, reportFindings, root } from "./repository.ts";

function countLines(path: string): number {
  return readText(path).trimEnd().split("\n").length;
}

describe("sizes", () => {
  it("of pages stay readable", () => {
    const limits = { "README.md": 150, "CONTRIBUTING.md": 80 };
    const findings = Object.entries(limits)
      .filter(([path, limit]) => countLines(path) > limit)
      .map(([path, limit]) => `${path}: ${countLines(path)} lines, the limit is ${limit}`);
    reportFindings(findings);
  });

  it("of sources stay small: 300 lines, 500 for tests", () => {
    const findings = listFiles(/^(?:packages|tidy|scripts|acceptance|bench)\/.*\.(?:tsx?|mjs)$/)
      .filter((path) => countLines(path) > (/\.test\.ts$|^acceptance\//.test(path) ? 500 : 300))
      .map((path) => `${path}: ${countLines(path)} lines; split it by what it does`);
    reportFindings(findings);
  });

  it("of lines stay within 100 columns", () => {
    // Texts that must not be broken (addresses, long strings) are the formatter's to judge; it
    // leaves them alone, so only lines with blanks to break at count.
    const findings = listFiles(/^packages\/.*\/src\/.*\.tsx?$/).flatMap((path) =>
      readText(path)
        .split("\n")
        .flatMap((line, index) =>
          line.length > 100 && !/["'`/]/.test(line)
            ? [`${path}:${index + 1}: over 100 columns`]
            : [],
        ),
    );
    reportFindings(findings);
  });

  it("of files stay below 6 MB: larger things are made, not stored", () => {
    const findings = listFiles(/./)
      .filter((path) => statSync(join(root, path)).size > 6_000_000)
      .map((path) => `${path}: too large for the repository`);
    reportFindings(findings);
  });

  it("of documents: one first heading each", () => {
    const findings = listFiles(/^(?:docs\/.*|README|CONTRIBUTING|CHANGELOG)\.?.*\.md$/).flatMap(
      (path) => {
        const withoutCode = readText(path).replaceAll(/^```[\s\S]*?^```/gm, "");
        const count = [...withoutCode.matchAll(/^# /gm)].length;
        return count === 1 ? [] : [`${path}: ${count} first headings`];
      },
    );
    reportFindings(findings);
  });
});
