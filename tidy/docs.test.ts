import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, it } from "node:test";
import { generatePages } from "../scripts/generate-pages.ts";
import { listFiles, readText, reportFindings, root } from "./repository.ts";

const pages = listFiles(/^(?:docs\/.*|README|CONTRIBUTING|CHANGELOG)\.?[^/]*\.md$|^docs\/.*\.md$/);

describe("the documentation", () => {
  it("has generated pages that agree with the code", async () => {
    const findings = (await generatePages())
      .filter(({ path, text }) => !existsSync(join(root, path)) || readText(path) !== text)
      .map(({ path }) => `${path}: is old; run npm run generate`);
    reportFindings(findings);
  });

  it("links to files that exist", () => {
    const findings = pages.flatMap((path) =>
      [...readText(path).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].flatMap(([, link = ""]) =>
        existsSync(join(root, normalize(join(dirname(path), link))))
          ? []
          : [`${path}: there is no ${link}`],
      ),
    );
    reportFindings(findings);
  });

  it("names source files that exist", () => {
    const findings = pages.flatMap((path) =>
      [...readText(path).matchAll(/`((?:packages|scripts|tidy|bench)\/[\w./-]+\.(?:ts|mjs))`/g)]
        .map(([, file = ""]) => file)
        .filter((file) => !existsSync(join(root, file)))
        .map((file) => `${path}: there is no ${file}`),
    );
    reportFindings(findings);
  });

  it("numbers its decisions without gaps", () => {
    const numbers = listFiles(/^docs\/decisions\/\d{4}-[a-z0-9-]+\.md$/).map((path) =>
      Number(path.slice("docs/decisions/".length, "docs/decisions/".length + 4)),
    );
    const findings = numbers
      .toSorted((left, right) => left - right)
      .filter((number, index) => number !== index + 1)
      .map((number) => `docs/decisions: number ${number} is out of order`);
    reportFindings(findings);
  });
});
