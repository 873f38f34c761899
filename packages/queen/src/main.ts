#!/usr/bin/env node
import { parseFlags, usage } from "./parse-flags.ts";
import type { QueenFlags } from "./parse-flags.ts";

const program = "queen-rbee";

async function run(flags: QueenFlags): Promise<void> {
  try {
    const { startQueen } = await import("./start-queen.ts");
    await startQueen(flags);
  } catch (error) {
    const { reportStartFailure } = await import("@rbee/daemon");
    reportStartFailure(program, error);
    // Nothing that was opened on the way may keep a program alive that did not start.
    process.exit(1);
  }
}

const command = parseFlags(process.argv.slice(2));
switch (command.kind) {
  case "run":
    await run(command.flags);
    break;
  case "help":
    process.stdout.write(usage);
    break;
  case "version": {
    const { findInstallation } = await import("@rbee/settings");
    process.stdout.write(`${findInstallation(import.meta.dirname).version}\n`);
    break;
  }
  case "wrong":
    process.stderr.write(`${program}: ${command.reason}\n\n${usage}`);
    process.exitCode = 2;
    break;
}
