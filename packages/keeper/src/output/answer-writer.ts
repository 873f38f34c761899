import type { Keeper } from "../keeper.ts";
import { safeText } from "./safe-text.ts";

export interface AnswerWriter {
  readonly write: (text: string) => Promise<void>;
  /** Ends the last line on a terminal, and lets the story go on. */
  readonly end: () => Promise<void>;
}

/** Writes an answer to stdout as it comes; on a terminal it and the story keep apart. */
export function createAnswerWriter(
  { terminal, story }: Keeper,
  { isShown }: { readonly isShown: boolean },
): AnswerWriter {
  let isMidLine = false;
  let hasBegun = false;
  return {
    write: async (text) => {
      if (!isShown) return;
      if (!hasBegun && terminal.isOutputTerminal) story.hold();
      else if (!hasBegun) story.endBar();
      hasBegun = true;
      isMidLine = !text.endsWith("\n");
      // Files and pipes get what the model said, to the byte.
      await terminal.writeOutput(terminal.isOutputTerminal ? safeText(text) : text);
    },
    end: async () => {
      if (hasBegun && isMidLine && terminal.isOutputTerminal) await terminal.writeOutput("\n");
      hasBegun = false;
      story.release();
    },
  };
}
