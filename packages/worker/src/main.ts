// Nothing that takes long is imported here: the engine warms up while the rest is being read.
import { resolve } from "node:path";
import { parseFlags, usage } from "./parse-flags.ts";
import type { WorkerFlags } from "./parse-flags.ts";

const wrongUsageExitCode = 2;

process.title = "llm-worker-rbee";
// When the hive is gone nobody reads what is said here; that is no reason to fail.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});

const parsed = parseFlags(process.argv.slice(2));
switch (parsed.kind) {
  case "wrong":
    process.stderr.write(`llm-worker-rbee: ${parsed.reason}\n\n${usage}`);
    process.exitCode = wrongUsageExitCode;
    break;
  case "help":
    process.stdout.write(usage);
    break;
  case "version":
    await printVersion();
    break;
  case "run":
    await run(parsed.flags);
}

async function printVersion(): Promise<void> {
  const { findInstallation } = await import("@rbee/settings");
  process.stdout.write(`${findInstallation(import.meta.dirname).version}\n`);
}

async function run(flags: WorkerFlags): Promise<void> {
  const engine = import("./engine/llama-engine.ts");
  // What it cannot do is told when the model is loaded.
  engine.then(async (llama) => await llama.warmEngine(flags.backend, flags.device)).catch(() => {});
  const { runWorker } = await import("./run-worker.ts");
  const code = await runWorker({
    flags: { ...flags, modelPath: resolve(flags.modelPath) },
    directory: import.meta.dirname,
    engine,
    endAtOnce: () => process.kill(process.pid, "SIGKILL"),
  });
  if (code !== undefined) process.exit(code);
}
