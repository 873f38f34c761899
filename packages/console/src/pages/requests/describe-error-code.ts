import { errorEntry, isErrorCode } from "@rbee/contract";

export interface DescribedCode {
  readonly title: string;
  readonly hints: readonly string[];
}

/**
 * What the catalogue says of an error of which only the code is known: its name, and those hints
 * that need no figures. Undefined for a code of a newer queen.
 */
export function describeErrorCode(code: string): DescribedCode | undefined {
  if (!isErrorCode(code)) return undefined;
  const { title, hint } = errorEntry(code);
  return { title, hints: hintsWithout(hint) };
}

function hintsWithout(hint: (details: never) => readonly string[]): readonly string[] {
  try {
    return hint({} as never).filter((line) => !/undefined|NaN/.test(line));
  } catch {
    // It is made of the figures alone.
    return [];
  }
}
