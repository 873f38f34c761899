import { InvalidArgumentError } from "commander";

/** The exit code by which the parser knows that a value has not even the right form. */
export const wrongUsageCode = 2;

/** A flag as data. `Value` is what the command receives. */
export interface Flag<Value> {
  readonly summary: string;
  /** Name of the value in the help; a flag without it is a switch. */
  readonly placeholder?: string;
  readonly isRepeatable?: boolean;
  readonly choices?: readonly string[];
  readonly completes?: "file";
  /** What the help shows when nothing is given. */
  readonly shownDefault?: string;
  /** Reads one value; throws InvalidArgumentError with what is allowed. */
  readonly parse: (text: string) => unknown;
  /** Makes the command's value of everything that was given. */
  readonly collect: (values: readonly unknown[]) => Value;
}

// Flags of different values in one set; `collect` is where they differ.
export type FlagSet = Readonly<Record<string, Flag<unknown>>>;

export type FlagValues<Flags extends FlagSet> = {
  readonly [Name in keyof Flags]: Flags[Name] extends Flag<infer Value> ? Value : never;
};

interface TextOptions {
  readonly choices?: readonly string[];
  readonly completes?: "file";
  readonly shownDefault?: string;
  readonly check?: (text: string) => string | undefined;
}

interface Range {
  readonly minimum: number;
  readonly maximum?: number;
  readonly shownDefault?: string;
}

export function switchFlag(summary: string): Flag<boolean> {
  return { summary, parse: () => true, collect: (values) => values.length > 0 };
}

export function textFlag(
  placeholder: string,
  summary: string,
  { check, ...options }: TextOptions = {},
): Flag<string | undefined> {
  const parse = (text: string) => {
    const { choices } = options;
    if (choices !== undefined && !choices.includes(text)) {
      throw new InvalidArgumentError(`Allowed: ${choices.join(", ")}.`);
    }
    const problem = text === "" ? "It is empty." : check?.(text);
    if (problem !== undefined) throw new InvalidArgumentError(problem);
    return text;
  };
  return { placeholder, summary, ...options, parse, collect: lastOf<string> };
}

export function integerFlag(summary: string, range: Range): Flag<number | undefined> {
  const parse = (text: string) => {
    const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value)) throw wrongForm("A whole number is needed.");
    return requireInside(value, range);
  };
  return numeric(summary, range, parse);
}

export function numberFlag(summary: string, range: Range): Flag<number | undefined> {
  const parse = (text: string) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (!Number.isFinite(value)) throw wrongForm("A number is needed.");
    return requireInside(value, range);
  };
  return numeric(summary, range, parse);
}

/** A value with a form of its own; `read` answers undefined for a text that has it not. */
export function formFlag<Value>(
  placeholder: string,
  summary: string,
  { form, read }: { readonly form: string; readonly read: (text: string) => Value | undefined },
): Flag<Value | undefined> {
  const parse = (text: string) => {
    const value = read(text);
    if (value === undefined) throw new InvalidArgumentError(form);
    return value;
  };
  return { placeholder, summary, parse, collect: lastOf<Value> };
}

interface ListLimits {
  readonly itemsMax: number;
  readonly charactersMax: number;
}

export function listFlag(
  placeholder: string,
  summary: string,
  { itemsMax, charactersMax }: ListLimits,
): Flag<readonly string[]> {
  const parse = (text: string) => {
    if (text === "") throw new InvalidArgumentError("It is empty.");
    if (text.length > charactersMax) {
      throw new InvalidArgumentError(`At most ${charactersMax} characters are allowed.`);
    }
    return text;
  };
  const collect = (values: readonly unknown[]) => {
    if (values.length > itemsMax) {
      throw new InvalidArgumentError(`It may be given at most ${itemsMax} times.`);
    }
    return values as readonly string[];
  };
  return { placeholder, summary, isRepeatable: true, parse, collect };
}

/** The same flag with a value when it is left out. */
export function withDefault<Value>(
  flag: Flag<Value | undefined>,
  value: Value & (string | number),
): Flag<Value> {
  const collect = (values: readonly unknown[]) => flag.collect(values) ?? value;
  return { ...flag, shownDefault: String(value), collect };
}

function numeric(
  summary: string,
  { shownDefault }: Range,
  parse: (text: string) => number,
): Flag<number | undefined> {
  const placeholder = "n";
  return {
    placeholder,
    summary,
    ...(shownDefault === undefined ? {} : { shownDefault }),
    parse,
    collect: lastOf<number>,
  };
}

function requireInside(value: number, { minimum, maximum }: Range): number {
  if (value >= minimum && (maximum === undefined || value <= maximum)) return value;
  const allowed =
    maximum === undefined ? `at least ${minimum}` : `between ${minimum} and ${maximum}`;
  throw new InvalidArgumentError(`It must be ${allowed}.`);
}

// A value that is no number at all is wrong usage, as a flag is that does not exist; one that is out
// of range is well said and not allowed.
function wrongForm(rule: string): InvalidArgumentError {
  const error = new InvalidArgumentError(rule);
  error.exitCode = wrongUsageCode;
  return error;
}

function lastOf<Value>(values: readonly unknown[]): Value | undefined {
  return values.at(-1) as Value | undefined;
}

/** `maxTokens` is `--max-tokens` on the command line. */
export function flagName(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
