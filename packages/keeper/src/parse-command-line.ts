import { Argument as CommanderArgument, Command as Commander } from "commander";
import { CommanderError, Option } from "commander";
import type { RbeeError } from "@rbee/contract";
import { commandTable, groupSummaries, loadAllCommands } from "./command-table.ts";
import type { ArgumentSet, Command, Input } from "./define-command.ts";
import { flagName, wrongUsageCode } from "./flags.ts";
import type { Flag, FlagSet } from "./flags.ts";
import { globalFlags } from "./global-flags.ts";
import type { GlobalValues } from "./global-flags.ts";
import { refusedValue } from "./refused-value.ts";

export const programName = "rbee-keeper";

export type ParsedLine =
  | {
      readonly kind: "run";
      readonly path: string;
      readonly command: Command;
      readonly input: Omit<Input<ArgumentSet, FlagSet>, "keeper">;
      readonly globals: GlobalValues;
    }
  | { readonly kind: "version" }
  /** Text that was asked for. */
  | { readonly kind: "help"; readonly text: string }
  /** The words are right, a value is not: any failure's exit code, not that of wrong usage. */
  | { readonly kind: "refused"; readonly error: RbeeError }
  /** Wrong usage: the reason and the usage. */
  | { readonly kind: "wrong"; readonly text: string };

type Loaded = ReadonlyMap<string, Command>;
type AnyFlags = Readonly<Record<string, Flag<unknown>>>;

interface Found {
  readonly path: string;
  readonly commander: Commander;
}

// Parsing happens twice: the first time only to find out which command is meant, with every
// command an empty shell, the second time with that command's own flags.
export async function parseCommandLine(words: readonly string[]): Promise<ParsedLine> {
  const shell = parseWith(words, new Map());
  const path = shell.found?.path;
  const load = path === undefined ? undefined : commandTable[path];
  if (path === undefined || load === undefined)
    return parseWith(words, await loadAllCommands()).line;
  return parseWith(words, new Map([[path, await load()]])).line;
}

/** The usage of one command, for errors that the command itself finds. */
export async function renderUsage(path: string): Promise<string> {
  const command = await commandTable[path]?.();
  if (command === undefined) return "";
  const program = buildProgram(new Map([[path, command]]), () => {});
  const commander = path
    .split(" ")
    .reduce<Commander>(
      (parent, name) => parent.commands.find((child) => child.name() === name) ?? parent,
      program,
    );
  return usageOf(commander);
}

function parseWith(words: readonly string[], loaded: Loaded) {
  const texts: string[] = [];
  let found: Found | undefined;
  const program = buildProgram(loaded, (result) => (found = result));
  configureTree(program, (commander) => {
    commander.exitOverride();
    commander.configureOutput({
      writeOut: (text) => texts.push(text),
      writeErr: (text) => texts.push(text),
      outputError: (text, write) => write(`${text}\n${usageOf(commander)}`),
    });
  });
  try {
    program.parse(words, { from: "user" });
    const line = found === undefined ? wrong(texts) : readFound(found, loaded, program);
    return { line, found };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { line: lineFromError(error, texts), found };
  }
}

function wrong(texts: readonly string[]): ParsedLine {
  return { kind: "wrong", text: texts.join("") };
}

function lineFromError(error: CommanderError, texts: readonly string[]): ParsedLine {
  if (error.code === "commander.version") return { kind: "version" };
  if (error.code === "commander.helpDisplayed") return { kind: "help", text: texts.join("") };
  if (error.code === "commander.invalidArgument" && error.exitCode !== wrongUsageCode) {
    return { kind: "refused", error: refusedValue(error.message) };
  }
  // Without a command, or with half of one, commander shows the help and calls it an error.
  return wrong(texts);
}

function usageOf(commander: Commander): string {
  const help = commander.createHelp();
  return `Usage: ${help.commandUsage(commander)}\n${seeHelp(commander)}\n`;
}

function seeHelp(commander: Commander): string {
  const names: string[] = [];
  for (let current: Commander | null = commander; current !== null; current = current.parent) {
    names.unshift(current.name());
  }
  return `See ${names.join(" ")} --help.`;
}

function configureTree(commander: Commander, configure: (commander: Commander) => void): void {
  configure(commander);
  for (const child of commander.commands) configureTree(child, configure);
}

function buildProgram(loaded: Loaded, onFound: (found: Found) => void): Commander {
  const program = new Commander(programName)
    .description("Turns the computers you own into one private LLM service.")
    .version("", "-V, --version", "show the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false });
  addFlags(program, globalFlags);
  const groups = new Map<string, Commander>();
  for (const path of Object.keys(commandTable)) {
    const [first = path, second] = path.split(" ");
    const parent = second === undefined ? program : groupOf(program, groups, first);
    const commander = parent.command(second ?? first).helpOption("-h, --help", "show this help");
    const command = loaded.get(path);
    if (command === undefined) makeShell(commander);
    else describeCommand(commander, command);
    commander.action(() => onFound({ path, commander }));
  }
  return program;
}

function groupOf(program: Commander, groups: Map<string, Commander>, name: string): Commander {
  const known = groups.get(name);
  if (known !== undefined) return known;
  const group = program
    .command(name)
    .description(groupSummaries[name] ?? "")
    .helpCommand(false)
    .helpOption("-h, --help", "show this help");
  groups.set(name, group);
  return group;
}

function makeShell(commander: Commander): void {
  commander.helpOption(false).allowUnknownOption().allowExcessArguments();
}

function describeCommand(commander: Commander, command: Command): void {
  commander.description(
    command.details === undefined ? command.summary : `${command.summary}\n\n${command.details}`,
  );
  commander.summary(command.summary);
  for (const [name, argument] of Object.entries(command.arguments)) {
    const shown = argument.isOptional === true ? `[${name}]` : `<${name}>`;
    const added = new CommanderArgument(shown, argument.summary);
    if (argument.choices !== undefined) added.choices([...argument.choices]);
    commander.addArgument(added);
  }
  addFlags(commander, command.flags);
  const examples = command.examples.map((example) => `  ${example}\n`).join("");
  commander.addHelpText("after", `\nExamples:\n${examples}`);
}

function addFlags(commander: Commander, flags: AnyFlags): void {
  for (const [key, flag] of Object.entries(flags)) {
    const value = flag.placeholder === undefined ? "" : ` <${flag.placeholder}>`;
    const option = new Option(`--${flagName(key)}${value}`, describeFlag(flag));
    // Every occurrence is kept; `collect` decides what several of them mean.
    if (flag.placeholder !== undefined) {
      option.argParser<unknown[]>((text, earlier) => [...(earlier ?? []), flag.parse(text)]);
    }
    commander.addOption(option);
    // Commander calls `--no-wait` a negation whose default is true; here it is a switch.
    if (option.negate) commander.setOptionValue(option.attributeName(), undefined);
  }
}

function describeFlag({ summary, shownDefault, choices }: Flag<unknown>): string {
  const allowed = choices === undefined ? "" : ` (${choices.join(", ")})`;
  const fallback = shownDefault === undefined ? "" : ` (default: ${shownDefault})`;
  return `${summary}${allowed}${fallback}`;
}

function readFound(found: Found, loaded: Loaded, program: Commander): ParsedLine {
  const command = loaded.get(found.path);
  // The first pass: nobody reads more than the path.
  if (command === undefined) return { kind: "wrong", text: "" };
  const { commander, path } = found;
  const names = Object.keys(command.arguments);
  const values = names.map((name, index) => [name, commander.args[index]] as const);
  return {
    kind: "run",
    path,
    command,
    input: {
      arguments: Object.fromEntries(values) as never,
      flags: readFlags(commander, command.flags),
    },
    globals: readFlags(program, globalFlags) as GlobalValues,
  };
}

function readFlags(commander: Commander, flags: AnyFlags): Readonly<Record<string, unknown>> {
  const values = Object.entries(flags).map(([key, flag]) => {
    const option = commander.options.find((candidate) => candidate.long === `--${flagName(key)}`);
    const value: unknown = commander.getOptionValue(option?.attributeName() ?? key);
    try {
      return [key, flag.collect(givenValues(value, option?.negate ?? false))] as const;
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error;
      const sentence = `error: option '--${flagName(key)}' is invalid. ${error.message}`;
      return commander.error(sentence, { code: error.code, exitCode: error.exitCode });
    }
  });
  return Object.fromEntries(values);
}

function givenValues(value: unknown, isNegation: boolean): readonly unknown[] {
  if (isNegation) return value === false ? [true] : [];
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as unknown[]) : [true];
}
