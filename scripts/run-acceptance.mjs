// The acceptance scenarios against real processes of the bundled programs; RBEE_TEST_ROOT names
// another installation (`RBEE_TEST_ROOT=.`: the sources as they are). Words after the script go to
// cucumber: `node scripts/with-node24.mjs scripts/run-acceptance.mjs --tags @scenario-58`. The last
// line counts scenarios.
import { bundlePrograms, countResults, formatCounts, runScenarios } from "./scenario-results.mjs";

const { status, scenarios } = await runScenarios({
  environment: { RBEE_TEST_ROOT: process.env["RBEE_TEST_ROOT"] ?? bundlePrograms() },
  words: ["--parallel", "2", "--format", "summary", ...process.argv.slice(2)],
});
const counts = countResults(scenarios);
for (const { name, notes } of scenarios.filter((one) => one.status === "SKIPPED")) {
  console.log(`${name}: ${notes.join("; ")}`);
}
if (status !== 0 && counts.failed === 0) counts.failed = 1;
console.log(formatCounts(counts));
process.exitCode = counts.failed > 0 || scenarios.length === 0 ? 1 : 0;
