import type { Readable, Writable } from "node:stream";
import { nameCommands } from "./name-commands.ts";

type TerminalStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

export interface TerminalStreams {
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: TerminalStream;
  readonly error: TerminalStream;
}

interface TerminalOptions {
  readonly streams: TerminalStreams;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly plain: boolean;
  readonly noColor: boolean;
  /** Whoever read stdout has gone (`| head -1`). */
  readonly onOutputClosed: () => void;
}

const columnsDefault = 80;

/** Where results (stdout) and the story (stderr) go, and what those places can show. */
export interface Terminal {
  readonly input: Readable;
  /** Where a person is asked something: a terminal, if there is one. */
  readonly dialogue: Writable;
  readonly isInputTerminal: boolean;
  readonly isOutputTerminal: boolean;
  /** stderr is a terminal whose lines may be drawn again. */
  readonly canRedraw: boolean;
  /** No emoji, no redrawing. */
  readonly isPlain: boolean;
  readonly hasColor: boolean;
  readonly hasOutputColor: boolean;
  readonly columns: number;
  /** Writes a part of the result. Await it: a slow reader is waited for. */
  readonly writeOutput: (text: string) => Promise<void>;
  readonly writeError: (text: string) => void;
}

export function createTerminal(options: TerminalOptions): Terminal {
  const { input, output, error } = options.streams;
  const isDumb = options.environment["TERM"] === "dumb";
  const isErrorTerminal = error.isTTY === true && !isDumb;
  const mayColor = !options.noColor && !options.plain && !options.environment["NO_COLOR"];
  let isOutputOpen = true;
  const close = () => {
    if (!isOutputOpen) return;
    isOutputOpen = false;
    options.onOutputClosed();
  };
  output.on("error", close);
  // A story that nobody reads any more is no reason to stop.
  error.on("error", () => {});
  return {
    input,
    dialogue: error.isTTY === true ? error : output,
    isInputTerminal: input.isTTY === true,
    isOutputTerminal: output.isTTY === true,
    canRedraw: isErrorTerminal && !options.plain,
    isPlain: options.plain || !isErrorTerminal,
    hasColor: mayColor && isErrorTerminal,
    hasOutputColor: mayColor && output.isTTY === true && !isDumb,
    // A terminal that does not know its width says 0.
    columns: error.columns || output.columns || columnsDefault,
    writeOutput: async (text) => {
      if (!isOutputOpen || text === "" || output.write(text)) return;
      await new Promise<void>((resolve) => {
        const settle = () => {
          output.off("drain", settle).off("close", settle).off("error", settle);
          resolve();
        };
        output.on("drain", settle).on("close", settle).on("error", settle);
      });
    },
    writeError: (text) => {
      error.write(nameCommands(text, options.environment));
    },
  };
}
