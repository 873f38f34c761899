// `npm run dev`: starts queen, hive and a worker with the bundled model from the sources, and says
// what to try. Everything stays until `./rbee queen stop`.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";

const root = dirname(import.meta.dirname);
const keeper = join(root, "packages/keeper/src/main.ts");
const child = spawnSync(process.execPath, [keeper, "workers", "spawn", "--model", "hello-bee"], {
  stdio: "inherit",
});
if (child.status === 0) {
  console.log("\nTry:");
  console.log('  ./rbee infer "write a short story"');
  console.log("  ./rbee status --watch");
  console.log("  ./rbee queen stop");
}
process.exitCode = child.status ?? 1;
