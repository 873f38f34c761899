import { describe, it } from "node:test";
import { listFiles, readText, reportFindings } from "./repository.ts";

const numbers = Array.from({ length: 62 }, (_nothing, index) => index + 1);

describe("the acceptance scenarios", () => {
  it("cover by their tags every number of the specification", () => {
    const features = listFiles(/^acceptance\/features\/.*\.feature$/)
      .map(readText)
      .join("\n");
    const findings = numbers
      .map((number) => `@scenario-${String(number).padStart(2, "0")}`)
      .filter((tag) => !new RegExp(`${tag}\\b`).test(features))
      .map((tag) => `${tag}: no scenario has this tag`);
    reportFindings(findings);
  });

  it("assert something in every Then", () => {
    const findings = listFiles(/^acceptance\/steps\/.*\.ts$/).flatMap((path) =>
      listThens(readText(path))
        .filter((step) => !/assert|eventually\(|remains\(|waitFor/.test(step))
        .map((step) => `${path}: "${step.slice(0, 60).replaceAll(/\s+/g, " ")}" asserts nothing`),
    );
    reportFindings(findings);
  });
});

// Each definition up to the next thing that stands at the left edge.
function listThens(text: string): string[] {
  return text.split(/^(?=\S)/m).reduce<string[]>((steps, part) => {
    if (part.startsWith("Then(")) return [...steps, part];
    const last = steps.at(-1);
    if (last === undefined || !/^[)}\]]/.test(part)) return steps;
    return [...steps.slice(0, -1), last + part];
  }, []);
}
