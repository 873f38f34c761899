// `npm test`: installs what is missing, then runs every level of tests and adds up their totals.
// Plain JavaScript for the Node that the machine has.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { install, isInstalled } from "./install.mjs";
import { node24 } from "./node24.mjs";
import { bundlePrograms } from "./scenario-results.mjs";
import { ensureSystemPackages } from "./system-packages.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const only = process.argv.includes("--only") ? process.argv.at(-1) : undefined;
const longestShown = 15;
// Some tests wait more than they compute. More at once would only make their limits of time tight.
const concurrency = Math.min(4, availableParallelism() + 1);
const totals = { passed: 0, failed: 0, skipped: 0 };

if (!isInstalled("full") && (await install("full")) !== 0) process.exit(1);
ensureSystemPackages();

// What ships is tested, and starts with a quarter of the work that its sources take.
let testedRoot = process.env["RBEE_TEST_ROOT"];
const withPrograms = () => {
  testedRoot ??= bundlePrograms();
  return { RBEE_TEST_ROOT: testedRoot };
};

const levels = [
  ["unit", () => runNodeTests(findTests(join(root, "packages")), withPrograms())],
  ["tidy", () => runNodeTests(findTests(join(root, "tidy")))],
  ["acceptance", () => runScript("scripts/run-acceptance.mjs", withPrograms())],
  ["hollow", () => runScript("scripts/hollow-run.mjs")],
];

for (const [name, run] of levels) {
  if (only !== undefined && only !== name) continue;
  const startedAt = Date.now();
  console.log(`\n== ${name} ==`);
  const result = run();
  for (const key of Object.keys(totals)) totals[key] += result[key];
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(0);
  console.log(`${name}: ${summary(result)} (${seconds} s)`);
  if (result.failed > 0) console.log(`run it again: npm test -- --only ${name}`);
}
console.log(`\n${summary(totals)}`);
process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;

function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

function findTests(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => path.endsWith(".test.ts") && !path.includes("node_modules"))
    .toSorted();
}

function runNodeTests(files, environment = {}) {
  const folder = mkdtempSync(join(tmpdir(), "rbee-tests-"));
  const counts = join(folder, "counts.json");
  const reporter = (name, destination) => [
    `--test-reporter=${name}`,
    `--test-reporter-destination=${destination}`,
  ];
  const child = spawnSync(
    node24(),
    [
      "--test",
      `--test-concurrency=${concurrency}`,
      "--test-timeout=180000",
      ...reporter("dot", "stdout"),
      ...reporter(join(root, "scripts/count-reporter.mjs"), counts),
      ...files,
    ],
    {
      cwd: root,
      stdio: "inherit",
      env: {
        ...process.env,
        ...environment,
        // Each file is a process of its own that reads the same modules: half of its start.
        NODE_COMPILE_CACHE: join(folder, "compiled"),
      },
    },
  );
  const text = existsSync(counts) ? readFileSync(counts, "utf8").trim() : "";
  rmSync(folder, { recursive: true, force: true });
  const result = text === "" ? { passed: 0, failed: 0, skipped: 0, files: [] } : JSON.parse(text);
  printLongest(result.files);
  // A runner that failed without a failed test (a crash, a syntax error) is a failure of its own.
  if (child.status !== 0 && result.failed === 0) result.failed = 1;
  return result;
}

// Where to look when the whole takes too long.
function printLongest(files) {
  const longest = files.toSorted((left, right) => right.seconds - left.seconds);
  console.log("");
  for (const { file, seconds } of longest.slice(0, longestShown)) {
    console.log(`${seconds.toFixed(0).padStart(5)} s  ${relative(root, file)}`);
  }
}

// Other levels end with the same closing line as this script.
function runScript(script, environment = {}) {
  const child = spawnSync(node24(), [join(root, script)], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 256 * 1024 * 1024,
    encoding: "utf8",
  });
  process.stdout.write(child.stdout);
  const [, passed, failed, skipped] =
    /(\d+) passed, (\d+) failed, (\d+) skipped\s*$/.exec(child.stdout) ?? [];
  if (passed === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const result = { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) };
  if (child.status !== 0 && result.failed === 0) result.failed = 1;
  return result;
}
