import { describe, it } from "node:test";
import { errorCatalogue } from "@rbee/contract";
import { listFiles, listProductSources, readCode, readText, reportFindings } from "./repository.ts";

const sources = listProductSources();
const codes = Object.keys(errorCatalogue);

function createsError(code: string): boolean {
  const pattern = new RegExp(`"${code}"`);
  return sources.some(
    (path) =>
      !path.startsWith("packages/contract/src/errors/") &&
      !path.startsWith("packages/contract/src/routes/") &&
      pattern.test(readText(path)),
  );
}

describe("the product", () => {
  it("creates every error of the catalogue somewhere", () => {
    const findings = codes
      .filter((code) => !createsError(code))
      .map((code) => `${code}: nothing answers with it; build the behaviour or take it out`);
    reportFindings(findings);
  });

  it("mentions every error that it creates in a test or a scenario", () => {
    const tests = listFiles(/\.test\.ts$|^acceptance\/.*\.(?:ts|feature)$/)
      .filter((path) => !path.startsWith("tidy/"))
      .map(readText)
      .join("\n");
    const findings = codes
      .filter((code) => !tests.includes(code))
      .map((code) => `${code}: no test mentions it`);
    reportFindings(findings);
  });

  it("has no branch for tests", () => {
    const hooks = /NODE_ENV|MOCK_|\bisTest\b|RBEE_TEST/;
    const findings = sources
      .filter((path) => hooks.test(readText(path)))
      .map((path) => `${path}: what tests need is an ordinary option`);
    reportFindings(findings);
  });

  it("leaves nothing for later without an issue", () => {
    const later = new RegExp(`\\b(?:${["TO", "DO"].join("")}|${["FIX", "ME"].join("")})\\b`);
    const findings = listFiles(/\.(?:ts|mjs|sh|feature)$/)
      .filter((path) => later.test(readText(path)))
      .map((path) => `${path}: finish it, or open an issue`);
    reportFindings(findings);
  });

  it("writes timings and ports in the contract only", () => {
    const findings = sources
      .filter((path) => !path.startsWith("packages/contract/"))
      .flatMap((path) =>
        /\b(?:8080|9200|8001)\b/.test(readCode(path))
          ? [`${path}: take ports from the contract`]
          : [],
      );
    reportFindings(findings);
  });
});
