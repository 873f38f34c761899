// Runs a script with the Node that rbee ships with, whatever Node the machine has.
import { spawn } from "node:child_process";
import { node24 } from "./node24.mjs";

const child = spawn(node24(), process.argv.slice(2), { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => {
  process.exitCode = code ?? (signal === "SIGINT" ? 130 : 1);
});
