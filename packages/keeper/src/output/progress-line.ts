import type { ProgressEvent } from "@rbee/contract";
import { isBar, isFull, progressStep, renderProgress } from "./render-progress.ts";
import type { Terminal } from "./terminal.ts";

/** The last line of the story: a bar that is drawn again, or plain lines where that cannot be. */
export interface ProgressLine {
  readonly show: (event: ProgressEvent) => void;
  /** Writes a whole line; a bar stays below it. */
  readonly writeAbove: (text: string) => void;
  readonly end: () => void;
}

type Output = Pick<Terminal, "canRedraw" | "isPlain" | "columns" | "writeError">;

// Back to the start of the line, and clear it.
const eraseLine = "\r\u001b[2K";

export function createProgressLine(output: Output): ProgressLine {
  let bar: string | undefined;
  // A full bar is news of the past: what is told then stands below it.
  let isDone = false;
  let lastStage = "";
  let lastStep = "";
  // Where nothing is redrawn: the last state that was not worth a line, in case it was the last.
  let unsaid: string | undefined;

  const writeLine = (text: string) => {
    if (bar === undefined) output.writeError(`${text}\n`);
    else output.writeError(`${eraseLine}${text}\n${bar}`);
  };
  const sayUnsaid = () => {
    const text = unsaid;
    unsaid = undefined;
    if (text !== undefined) writeLine(text);
  };
  const end = () => {
    if (bar !== undefined) output.writeError("\n");
    bar = undefined;
    lastStep = "";
    sayUnsaid();
  };
  const drawBar = (text: string) => {
    bar = text.slice(0, output.columns - 1);
    output.writeError(eraseLine + bar);
  };
  // One line per step, so that a log of an hour's download stays short.
  const printStep = (text: string, step: string) => {
    if (step === lastStep) {
      unsaid = text;
      return;
    }
    unsaid = undefined;
    writeLine(text);
  };
  return {
    show: (event) => {
      const text = renderProgress(event, output.isPlain);
      if (text === undefined || event.stage !== lastStage || !isBar(event)) end();
      lastStage = event.stage;
      isDone = isFull(event);
      if (text === undefined) return;
      const step = progressStep(event);
      if (!isBar(event)) writeLine(text);
      else if (output.canRedraw) drawBar(text);
      else printStep(text, step);
      lastStep = step;
    },
    writeAbove: (text) => {
      if (isDone) end();
      sayUnsaid();
      writeLine(text);
    },
    end,
  };
}
