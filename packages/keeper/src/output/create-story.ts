import type { Narration, ProgressEvent } from "@rbee/contract";
import { renderNarration } from "./render-narration.ts";
import { isBar, progressStep, renderProgress } from "./render-progress.ts";
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

// Back to the start of the line, and clear it.
const eraseLine = "\r\u001b[2K";

export function createStory({ terminal, isQuiet, isVerbose }: StoryOptions): Story {
  const style = { isPlain: terminal.isPlain, hasColor: terminal.hasColor, isVerbose };
  let bar: string | undefined;
  let step = "";
  // Where nothing is redrawn: the last state that was not worth a line, in case it was the last.
  let unsaid: string | undefined;
  let held: string[] | undefined;

  const writeLine = (text: string) => {
    if (held !== undefined) {
      held.push(text);
      return;
    }
    const redrawn = bar === undefined ? "" : bar;
    terminal.writeError(`${redrawn === "" ? "" : eraseLine}${text}\n${redrawn}`);
  };
  const sayUnsaid = () => {
    if (unsaid !== undefined) writeLine(unsaid);
    unsaid = undefined;
  };
  const endBar = () => {
    if (bar !== undefined) terminal.writeError("\n");
    bar = undefined;
    step = "";
    sayUnsaid();
  };
  const showProgress = (event: ProgressEvent) => {
    const text = renderProgress(event, terminal.isPlain);
    if (text === undefined) return endBar();
    if (!isBar(event)) {
      endBar();
      return writeLine(text);
    }
    if (terminal.canRedraw && held === undefined) {
      if (bar !== undefined && stageOf(step) !== stageOf(progressStep(event))) endBar();
      step = progressStep(event);
      bar = text.slice(0, terminal.columns - 1);
      return terminal.writeError(eraseLine + bar);
    }
    if (step === progressStep(event)) {
      unsaid = text;
      return undefined;
    }
    step = progressStep(event);
    unsaid = undefined;
    return writeLine(text);
  };
  const show = (event: Narration | ProgressEvent) => {
    if (isQuiet) return;
    if (event.type === "progress") return showProgress(event);
    const text = renderNarration(event, style);
    if (text === undefined) return;
    if (!terminal.canRedraw) sayUnsaid();
    writeLine(text);
  };
  return {
    show,
    narrate: (line) => show(keeperNarration(line)),
    tell: (text) => {
      if (isQuiet) return;
      endBar();
      writeLine(text);
    },
    endBar,
    hold: () => {
      endBar();
      held ??= [];
    },
    release: () => {
      const lines = held ?? [];
      held = undefined;
      for (const line of lines) writeLine(line);
    },
  };
}

function keeperNarration({ level = "info", ...line }: KeeperLine): Narration {
  return { type: "narration", actor: "rbee-keeper", level, ...line };
}

function stageOf(step: string): string {
  return step.split(" ")[0] ?? "";
}
