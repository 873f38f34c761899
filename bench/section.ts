import type { Box, BoxOptions } from "@rbee/testkit";

/** One line of the table at the end. */
export interface Row {
  readonly name: string;
  readonly measured: string;
  /** Absent: a figure that explains others and has no target of its own. */
  readonly target?: string;
  readonly isMet?: boolean;
}

/** What a section has in hand. */
export interface Bench {
  readonly rounds: number;
  /** Says something while the measurement runs. */
  readonly tell: (line: string) => void;
  /** A box of its own for what is measured; it is closed when the section is over. */
  readonly openBox: (options?: BoxOptions) => Promise<Box>;
  /** Registers what must be ended when the section is over, however it ends. */
  readonly onEnd: (end: () => Promise<void> | void) => void;
  /** Aborts when the section has used up its time. */
  readonly signal: AbortSignal;
}

export interface Section {
  readonly name: string;
  readonly summary: string;
  /** Runs only when it is named, or with --all. */
  readonly isLong?: boolean;
  readonly limitMs: number;
  readonly run: (bench: Bench) => Promise<readonly Row[]>;
}
