import { randomUUID } from "node:crypto";
import { exitCodeOf } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import type { GlobalValues } from "./global-flags.ts";
import type { Interrupts } from "./interrupts.ts";
import type { Configuration, Environment, Keeper } from "./keeper.ts";
import { openConfiguration } from "./open-configuration.ts";
import { createStory } from "./output/create-story.ts";
import { reportFailure } from "./output/report-failure.ts";
import { createTerminal } from "./output/terminal.ts";
import type { TerminalStreams } from "./output/terminal.ts";
import { parseCommandLine, programName, renderUsage } from "./parse-command-line.ts";
import { UsageError } from "./usage-error.ts";

/** Everything that the keeper gets from outside. */
export interface World {
  readonly words: readonly string[];
  readonly environment: Environment;
  readonly homeDirectory: string;
  readonly streams: TerminalStreams;
  readonly interrupts: Interrupts;
}

export async function runKeeper(world: World): Promise<ExitCode> {
  const parsed = await parseCommandLine(world.words);
  const { output, error: errorStream } = world.streams;
  if (parsed.kind === "wrong") {
    errorStream.write(parsed.text);
    return 2;
  }
  if (parsed.kind === "help") {
    output.write(parsed.text);
    return 0;
  }
  if (parsed.kind === "version") {
    const { findInstallation } = await import("@rbee/settings");
    output.write(`${programName} ${findInstallation(import.meta.dirname).version}\n`);
    return 0;
  }
  if (parsed.kind === "refused") {
    // The flags were not read to their end; only how to report matters here.
    reportFailure(createKeeper(world, "", globalsOf(world.words)), parsed.error);
    return 1;
  }
  const keeper = createKeeper(world, parsed.path, parsed.globals);
  keeper.story.narrate({
    action: "command",
    level: "debug",
    human: `${parsed.path}, correlation id ${keeper.correlationId}`,
  });
  try {
    return (await parsed.command.run({ keeper, ...parsed.input })) ?? 0;
  } catch (error) {
    const code = exitCodeOf(error, world.interrupts.cause());
    if (code === 2 && error instanceof UsageError) {
      errorStream.write(`error: ${error.message}\n${await renderUsage(parsed.path)}`);
    } else {
      reportFailure(keeper, error);
    }
    return code;
  } finally {
    keeper.story.endBar();
  }
}

function globalsOf(words: readonly string[]): GlobalValues {
  const has = (flag: string) => words.includes(flag);
  return {
    queen: undefined,
    config: undefined,
    json: has("--json"),
    quiet: has("--quiet"),
    verbose: has("--verbose"),
    plain: has("--plain"),
    noColor: has("--no-color"),
  };
}

function createKeeper(world: World, command: string, globals: GlobalValues): Keeper {
  const { interrupts, environment, homeDirectory, streams } = world;
  const terminal = createTerminal({
    streams,
    environment,
    plain: globals.plain,
    noColor: globals.noColor,
    onOutputClosed: () => interrupts.raise("output-closed"),
  });
  const story = createStory({ terminal, isQuiet: globals.quiet, isVerbose: globals.verbose });
  let configuration: Configuration | undefined;
  return {
    command,
    globals,
    terminal,
    story,
    interrupts,
    environment,
    homeDirectory,
    correlationId: randomUUID(),
    configuration: () => {
      configuration ??= openConfiguration({
        environment,
        homeDirectory,
        configFile: globals.config,
        queenUrl: globals.queen,
      });
      return configuration;
    },
  };
}
