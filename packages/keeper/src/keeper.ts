import type { Installation, RbeePaths, Settings } from "@rbee/settings";
import type { GlobalValues } from "./global-flags.ts";
import type { Interrupts } from "./interrupts.ts";
import type { Story } from "./output/create-story.ts";
import type { Terminal } from "./output/terminal.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a person configured, and where things are on this machine. */
export interface Configuration {
  readonly settings: Settings;
  /** The one file that was read; null when defaults apply. */
  readonly file: string | null;
  readonly paths: RbeePaths;
  readonly installation: Installation;
  /** Without a trailing slash. */
  readonly queenUrl: string;
  /** Where the key for the queen is read from, when she needs one. */
  readonly keyFile: string | undefined;
}

/** What every command has in hand. */
export interface Keeper {
  /** Its words: `models pull`. */
  readonly command: string;
  readonly globals: GlobalValues;
  readonly terminal: Terminal;
  readonly story: Story;
  readonly interrupts: Interrupts;
  /** One for the whole command, so that all logs tell one story. */
  readonly correlationId: string;
  readonly environment: Environment;
  readonly homeDirectory: string;
  /** Read when first asked for: `completion` and `doctor` work with a broken configuration. */
  readonly configuration: () => Configuration;
}
