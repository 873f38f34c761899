// Runs the acceptance scenarios and reads their results out of cucumber's own messages.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { node24 } from "./node24.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
// From harmless to grave: a scenario is as bad as its worst step.
const severity = ["PASSED", "SKIPPED", "PENDING", "UNDEFINED", "AMBIGUOUS", "FAILED"];

/** Bundles the programs as they are installed; gives the folder. It is apart from the person's. */
export function bundlePrograms() {
  const folder = join(root, ".cache/tested-installation");
  const words = [join(root, "scripts/bundle.ts"), folder];
  const { status } = spawnSync(node24(), words, { cwd: root, stdio: ["ignore", 2, 2] });
  if (status !== 0) throw new Error("the programs cannot be bundled");
  return folder;
}

/** Runs cucumber with these words besides the configuration; gives one entry per scenario. */
export async function runScenarios({ words = [], environment = {}, isQuiet = false }) {
  const folder = mkdtempSync(join(tmpdir(), "rbee-scenarios-"));
  const messages = join(folder, "messages.ndjson");
  const cucumber = join(root, "node_modules/@cucumber/cucumber/bin/cucumber.js");
  const formats = ["--format", `message:${messages}`];
  const child = spawn(node24(), [cucumber, ...formats, ...words], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ["ignore", isQuiet ? "ignore" : "inherit", isQuiet ? "ignore" : "inherit"],
  });
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => child.kill(signal));
  const status = await new Promise((resolve) => child.once("close", resolve));
  try {
    return { status, scenarios: readResults(readFileSync(messages, "utf8")) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readResults(text) {
  const pickles = new Map();
  const cases = new Map();
  // Steps of the sentences; hooks are none.
  const sentences = new Set();
  const runs = new Map();
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const { pickle, testCase, testCaseStarted, testStepFinished, attachment } = JSON.parse(line);
    if (pickle !== undefined) pickles.set(pickle.id, pickle);
    if (testCase !== undefined) {
      cases.set(testCase.id, testCase.pickleId);
      const own = testCase.testSteps.filter((step) => step.pickleStepId !== undefined);
      own.forEach((step) => sentences.add(step.id));
    }
    if (testCaseStarted !== undefined) {
      const found = pickles.get(cases.get(testCaseStarted.testCaseId));
      runs.set(testCaseStarted.id, createRun(found));
    }
    if (testStepFinished !== undefined) {
      const { testCaseStartedId, testStepId, testStepResult } = testStepFinished;
      const isSentence = sentences.has(testStepId);
      addStep(runs.get(testCaseStartedId), testStepResult, isSentence);
    }
    if (attachment?.mediaType === "text/x.cucumber.log+plain") {
      runs.get(attachment.testCaseStartedId)?.notes.push(attachment.body);
    }
  }
  return [...runs.values()];
}

function createRun({ name, uri, tags }) {
  return {
    name,
    uri,
    tags: tags.map((tag) => tag.name),
    status: "PASSED",
    seconds: 0,
    steps: { passed: 0, failed: 0, skipped: 0 },
    failure: undefined,
    notes: [],
  };
}

function addStep(run, { status, duration, message }, isSentence) {
  const kind = { PASSED: "passed", SKIPPED: "skipped" }[status] ?? "failed";
  if (isSentence) run.steps[kind] += 1;
  run.seconds += Number(duration.seconds) + duration.nanos / 1e9;
  if (severity.indexOf(status) > severity.indexOf(run.status)) run.status = status;
  run.failure ??= message;
}

/** How many passed, were skipped, and did neither. */
export function countResults(scenarios) {
  const passed = scenarios.filter(({ status }) => status === "PASSED").length;
  const skipped = scenarios.filter(({ status }) => status === "SKIPPED").length;
  return { passed, failed: scenarios.length - passed - skipped, skipped };
}

export function formatCounts({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
