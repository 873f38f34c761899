// `npm run check`: everything that must be green before a piece of work ends. `--quick` leaves out
// the levels that start whole systems.
import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const isQuick = process.argv.includes("--quick");
const steps = [
  ["format", "npm run --silent check:format"],
  ["lint", "npm run --silent check:lint"],
  ["types", "npm run --silent check:types"],
  ["dead code", "npm run --silent check:dead"],
  ...(isQuick ? [["tidy", "npm test --silent -- --only tidy"]] : [["tests", "npm test --silent"]]),
];

const failed = [];
for (const [name, command] of steps) {
  const startedAt = Date.now();
  const child = spawnSync("sh", ["-c", command], { cwd: root, stdio: "inherit" });
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  console.log(`${child.status === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
  if (child.status !== 0) failed.push(command);
}
for (const command of failed) console.log(`run it again: ${command}`);
process.exitCode = failed.length > 0 ? 1 : 0;
