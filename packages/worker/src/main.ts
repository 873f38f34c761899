// Nothing that takes long is imported here: the engine warms up while the rest is being read.
import { parseArgs } from "node:util";

const wrongUsageExitCode = 2;

process.title = "llm-worker-rbee";
// When the hive is gone nobody reads what is said here; that is no reason to fail.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});

const commandLine = process.argv.slice(2);
const engine = import("./engine/llama-engine.ts");
warmUp();
const { parseFlags, usage } = await import("./parse-flags.ts");
const parsed = parseFlags(commandLine);
if (parsed.kind === "run") {
  const { runWorker } = await import("./run-worker.ts");
  const code = await runWorker({
    flags: parsed.flags,
    directory: import.meta.dirname,
    engine,
    endAtOnce: () => process.kill(process.pid, "SIGKILL"),
  });
  if (code !== undefined) process.exit(code);
} else if (parsed.kind === "wrong") {
  process.stderr.write(`llm-worker-rbee: ${parsed.reason}\n\n${usage}`);
  process.exit(wrongUsageExitCode);
} else {
  const { findInstallation } = await import("@rbee/settings");
  const { version } = findInstallation(import.meta.dirname);
  process.stdout.write(parsed.kind === "help" ? usage : `${version}\n`);
  process.exit(0);
}

// A first look, for the engine alone: whether the command line makes sense is found out meanwhile,
// and what the engine cannot do is told when the model is loaded.
function warmUp(): void {
  const { values } = parseArgs({
    args: commandLine,
    strict: false,
    options: {
      model: { type: "string" },
      backend: { type: "string", default: "cpu" },
      device: { type: "string", default: "0" },
    },
  });
  if (values.model === undefined) return;
  const { backend, device } = values;
  engine.then((llama) => llama.warmEngine(String(backend), Number(device))).catch(() => {});
}
