import type { ExitCode } from "./exit-code.ts";
import type { Flag, FlagSet, FlagValues } from "./flags.ts";
import type { Keeper } from "./keeper.ts";

/** What follows a command without a name: `infer [prompt]`. */
export interface Argument {
  readonly summary: string;
  readonly isOptional?: boolean;
  /** The only values there are; the completion offers them. */
  readonly choices?: readonly string[];
}

export type ArgumentSet = Readonly<Record<string, Argument>>;

export type ArgumentValues<Arguments extends ArgumentSet> = {
  readonly [Name in keyof Arguments]: Arguments[Name] extends { readonly isOptional: true }
    ? string | undefined
    : string;
};

export interface Input<Arguments extends ArgumentSet, Flags extends FlagSet> {
  readonly keeper: Keeper;
  readonly arguments: ArgumentValues<Arguments>;
  readonly flags: FlagValues<Flags>;
}

/** Undefined is 0; 1 when the work is done and the answer is bad news (`doctor`, `verify`). */
export type CommandResult = Promise<ExitCode | undefined>;

interface Definition<Arguments extends ArgumentSet, Flags extends FlagSet> {
  readonly summary: string;
  /** Further sentences for `--help`. */
  readonly details?: string;
  readonly examples: readonly [string, ...string[]];
  readonly arguments: Arguments;
  readonly flags: Flags;
  readonly run: (input: Input<Arguments, Flags>) => CommandResult;
}

/** A command as the parser, the help and the completion see it. */
export interface Command {
  readonly summary: string;
  readonly details?: string;
  readonly examples: readonly string[];
  readonly arguments: ArgumentSet;
  readonly flags: Readonly<Record<string, Flag<unknown>>>;
  readonly run: (input: Input<ArgumentSet, FlagSet>) => CommandResult;
}

// The definition types what `run` receives; the parser fills exactly that, so the type of the
// input can be forgotten here and nowhere else.
export function defineCommand<const Arguments extends ArgumentSet, const Flags extends FlagSet>(
  definition: Definition<Arguments, Flags>,
): Command {
  return definition as unknown as Command;
}
