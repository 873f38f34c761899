import type { Narration, ProgressEvent } from "@rbee/contract";
import { createProgressLine } from "./progress-line.ts";
import { renderNarration } from "./render-narration.ts";
import type { Terminal } from "./terminal.ts";

/** What a keeper says itself; the rest of the narration is filled in. */
export type KeeperLine = Pick<Narration, "action" | "human"> &
  Partial<Pick<Narration, "cute" | "level">>;

/** The story on stderr: narration lines, and below them at most one progress bar. */
export interface Story {
  readonly show: (event: Narration | ProgressEvent) => void;
  readonly narrate: (line: KeeperLine) => void;
  /** Lines that are neither narration nor error; hidden by --quiet like narration. */
  readonly tell: (text: string) => void;
  /** Leaves the bar as it is; what follows begins on a line of its own. */
  readonly endBar: () => void;
  /** Keeps lines back while an answer is being written on the same terminal. */
  readonly hold: () => void;
  readonly release: () => void;
}

interface StoryOptions {
  readonly terminal: Terminal;
  readonly isQuiet: boolean;
  readonly isVerbose: boolean;
}

export function createStory({ terminal, isQuiet, isVerbose }: StoryOptions): Story {
  const style = { isPlain: terminal.isPlain, hasColor: terminal.hasColor, isVerbose };
  const progress = createProgressLine(terminal);
  let held: (Narration | ProgressEvent)[] | undefined;

  const show = (event: Narration | ProgressEvent) => {
    if (isQuiet) return;
    if (held !== undefined) {
      held.push(event);
      return;
    }
    if (event.type === "progress") {
      progress.show(event);
      return;
    }
    const text = renderNarration(event, style);
    if (text !== undefined) progress.writeAbove(text);
  };
  return {
    show,
    narrate: ({ level = "info", ...line }) =>
      show({ type: "narration", actor: "rbee-keeper", level, ...line }),
    tell: (text) => {
      if (isQuiet) return;
      progress.end();
      progress.writeAbove(text);
    },
    endBar: progress.end,
    hold: () => {
      progress.end();
      held ??= [];
    },
    release: () => {
      const events = held ?? [];
      held = undefined;
      for (const event of events) show(event);
    },
  };
}
