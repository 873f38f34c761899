// Runs the acceptance scenarios and prints number, title, result and time of each, then totals by
// category. Words after the script go to cucumber; `--dry-run` lists without running.
import { bundlePrograms, countResults, formatCounts, runScenarios } from "./scenario-results.mjs";

const { scenarios } = await runScenarios({
  environment: { RBEE_TEST_ROOT: process.env["RBEE_TEST_ROOT"] ?? bundlePrograms() },
  words: ["--parallel", "2", ...process.argv.slice(2)],
  isQuiet: true,
});

const rows = scenarios
  .map((scenario) => ({ ...scenario, numbers: numbersOf(scenario.tags) }))
  .toSorted((one, other) => order(one) - order(other) || one.name.localeCompare(other.name));
for (const { numbers, name, status, seconds } of rows) {
  const columns = [
    numbers.join(",").padEnd(9),
    status.toLowerCase().padEnd(9),
    `${String(seconds.toFixed(1))} s`.padStart(7),
    name,
  ];
  console.log(columns.join("  "));
}

const categories = [
  ["of the specification", (row) => row.numbers.length > 0],
  ["faults", (row) => row.tags.includes("@fault")],
  ["further", (row) => row.numbers.length === 0 && !row.tags.includes("@fault")],
];
for (const [category, isIn] of categories) {
  console.log(`${String(category)}: ${formatCounts(countResults(rows.filter(isIn)))}`);
}
const passed = new Set(rows.filter(isPassed).flatMap((row) => row.numbers));
for (const row of rows) if (!isPassed(row)) for (const number of row.numbers) passed.delete(number);
console.log(
  `numbers that hold: ${[...passed].toSorted((one, other) => Number(one) - Number(other)).join(" ")}`,
);
console.log(formatCounts(countResults(rows)));

function isPassed({ status }) {
  return status === "PASSED";
}

function numbersOf(tags) {
  return tags.flatMap((tag) => /^@scenario-(\d+)$/.exec(tag)?.[1] ?? []);
}

function order({ numbers }) {
  return Number(numbers[0] ?? 99);
}
