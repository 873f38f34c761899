// `npm run scenarios`: runs the acceptance scenarios and prints number, result, time and title of
// each, then totals of scenarios and steps, by category and in all. Words after `--` go to cucumber:
// `npm run scenarios -- --tags @scenario-07`; `--dry-run` lists without running.
import { install, isInstalled } from "./install.mjs";
import { bundlePrograms, countResults, formatCounts, runScenarios } from "./scenario-results.mjs";
import { ensureSystemPackages } from "./system-packages.mjs";

if (!isInstalled("full") && (await install("full")) !== 0) process.exit(1);
const words = process.argv.slice(2);
const isDryRun = words.includes("--dry-run");
if (!isDryRun) ensureSystemPackages();
const environment = isDryRun
  ? {}
  : { RBEE_TEST_ROOT: process.env["RBEE_TEST_ROOT"] ?? bundlePrograms() };
const { scenarios } = await runScenarios({
  environment,
  words: ["--parallel", "2", ...words],
  isQuiet: true,
});

const rows = scenarios
  .map((scenario) => ({ ...scenario, numbers: numbersOf(scenario.tags) }))
  .toSorted((one, other) => order(one) - order(other) || one.name.localeCompare(other.name));
for (const { numbers, name, status, seconds, notes, failure } of rows) {
  const columns = [
    numbers.join(",").padEnd(9),
    status.toLowerCase().padEnd(9),
    `${String(seconds.toFixed(1))} s`.padStart(7),
    name,
  ];
  console.log(columns.join("  "));
  if (status === "SKIPPED" && notes.length > 0) console.log(`${" ".repeat(11)}${notes.join("; ")}`);
  if (status === "FAILED") console.log(`${" ".repeat(11)}${String(failure).split("\n")[0]}`);
}

// The chapters of the specification's scenarios, then what is beyond them.
const chapters = [
  ["Setup", 1, 6],
  ["Happy path", 7, 8],
  ["Worker registry", 9, 11],
  ["Pool preflight", 12, 14],
  ["Model provisioning", 15, 18],
  ["GGUF", 19, 22],
  ["Worker preflight", 23, 26],
  ["Worker startup", 27, 28],
  ["Worker registration", 29, 29],
  ["Worker health", 30, 33],
  ["Inference", 34, 35],
  ["Edge cases", 36, 45],
  ["Lifecycle", 46, 52],
  ["Errors", 53, 53],
  ["Install and configuration", 54, 57],
  ["Commands", 58, 62],
];
const isNumbered = ({ numbers }) => numbers.length > 0;
const categories = [
  ...chapters.map(([title, first, last]) => [
    `${title} (${first === last ? first : `${first}-${last}`})`,
    ({ numbers }) => numbers.some((number) => number >= first && number <= last),
  ]),
  ["of the specification, in all", isNumbered],
  ["faults beyond them", (row) => !isNumbered(row) && row.tags.includes("@fault")],
  ["further", (row) => !isNumbered(row) && !row.tags.includes("@fault")],
  ["over several machines", ({ tags }) => tags.includes("@three-hosts")],
  ["in all", () => true],
];
console.log("");
for (const [category, isIn] of categories) printTotals(category, rows.filter(isIn));

const passed = new Set(rows.filter(isPassed).flatMap((row) => row.numbers));
for (const row of rows) if (!isPassed(row)) for (const number of row.numbers) passed.delete(number);
const holding = [...passed].toSorted((one, other) => Number(one) - Number(other));
console.log(`\nnumbers that hold: ${holding.length} (${holding.join(" ")})`);
const counts = countResults(rows);
console.log(formatCounts(counts));
process.exitCode = counts.failed > 0 || rows.length === 0 ? 1 : 0;

function printTotals(category, chosen) {
  const steps = chosen.reduce(
    (sum, { steps: own }) => ({
      passed: sum.passed + own.passed,
      failed: sum.failed + own.failed,
      skipped: sum.skipped + own.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
  const all = steps.passed + steps.failed + steps.skipped;
  const columns = [
    `${category}:`.padEnd(37),
    `${chosen.length} scenarios (${formatCounts(countResults(chosen))})`.padEnd(56),
    `${all} steps (${formatCounts(steps)})`,
  ];
  console.log(columns.join(""));
}

function isPassed({ status }) {
  return status === "PASSED";
}

function numbersOf(tags) {
  return tags.flatMap((tag) => /^@scenario-(\d+)$/.exec(tag)?.[1] ?? []);
}

function order({ numbers }) {
  return Number(numbers[0] ?? 99);
}
