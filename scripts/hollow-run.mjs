// Runs every scenario against stubs that exit with 0 and answer `200 {}`. A scenario that passes
// asserts nothing: it is a failure of this run. The last line counts scenarios.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { formatCounts, runScenarios } from "./scenario-results.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { scenarios } = await runScenarios({
  words: ["--parallel", "4", ...process.argv.slice(2)],
  environment: {
    RBEE_TEST_ROOT: join(root, "acceptance/hollow"),
    // So long a step looks for what a hollow product never brings.
    RBEE_TEST_PATIENCE_MS: "500",
  },
  isQuiet: true,
});
const hollow = scenarios.filter(({ status }) => status === "PASSED");
for (const { name, uri } of hollow) console.log(`passes against nothing: ${name} (${uri})`);
const unclear = scenarios.filter(({ status }) => !["PASSED", "FAILED", "SKIPPED"].includes(status));
for (const { name, status } of unclear) console.log(`${status.toLowerCase()}: ${name}`);
const skipped = scenarios.filter(({ status }) => status === "SKIPPED").length;
const failed = hollow.length + unclear.length + (scenarios.length === 0 ? 1 : 0);
console.log(formatCounts({ passed: scenarios.length - failed - skipped, failed, skipped }));
process.exitCode = failed > 0 ? 1 : 0;
