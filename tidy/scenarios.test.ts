import { describe, it } from "node:test";
import { listFiles, readText, reportFindings } from "./repository.ts";

// Of the sixty-two, those that need one machine only; the others come with nodes behind SSH.
const oneMachine = [
  ...range(8, 12),
  15,
  ...range(19, 35),
  ...range(38, 42),
  ...range(45, 53),
  56,
  58,
  ...range(60, 62),
];

describe("the acceptance scenarios", () => {
  it("cover by their tags every number that one machine can show", () => {
    const features = listFiles(/^acceptance\/features\/.*\.feature$/)
      .map(readText)
      .join("\n");
    const findings = oneMachine
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

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_nothing, index) => first + index);
}
