#!/usr/bin/env node
import { reportStartFailure } from "@rbee/daemon";
import { parseCommandLine, usageError, UsageError } from "./cli/parse-command-line.ts";
import type { CommandLine } from "./cli/parse-command-line.ts";
import { usage } from "./cli/usage.ts";

const program = "rbee-hive";

async function main(command: CommandLine): Promise<void> {
  switch (command.type) {
    case "help":
      process.stdout.write(usage);
      return;
    case "version": {
      const { findInstallation } = await import("@rbee/settings");
      process.stdout.write(`${findInstallation(import.meta.dirname).version}\n`);
      return;
    }
    case "daemon": {
      const { startHive } = await import("./start-hive.ts");
      await startHive(command);
      return;
    }
    case "start": {
      const { runStartCommand } = await import("./cli/start-command.ts");
      process.exitCode = await runStartCommand(command, process.env);
      return;
    }
    case "node": {
      const { runNodeCommand } = await import("./cli/run-node-command.ts");
      process.exitCode = await runNodeCommand(command, process.env);
    }
  }
}

try {
  await main(parseCommandLine(process.argv.slice(2)));
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(usageError(error));
    process.exitCode = 2;
  } else {
    reportStartFailure(program, error);
    // Nothing that was opened on the way may keep a program alive that did not start.
    process.exit(1);
  }
}
