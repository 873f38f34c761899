import type { CodePart } from "./colour-code.ts";

export interface CodeToColour {
  readonly id: number;
  readonly language: string;
  readonly text: string;
}

export interface ColouredCode {
  readonly id: number;
  readonly parts: readonly CodePart[] | undefined;
}

type Asker = (parts: readonly CodePart[] | undefined) => void;

// Where the program of the thread is; the build of the console knows.
declare const codeColouringUrl: string;

const askers = new Map<number, Asker>();
let thread: Worker | undefined;
let asked = 0;

/** Finds the colours of code beside the page; undefined when there are none for this language. */
export function askColours(
  language: string,
  text: string,
): Promise<readonly CodePart[] | undefined> {
  thread ??= startThread();
  asked += 1;
  const order: CodeToColour = { id: asked, language, text };
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
  thread.postMessage(order);
  return new Promise((resolve) => void askers.set(order.id, resolve));
}

function startThread(): Worker {
  const started = new Worker(codeColouringUrl, { type: "module" });
  started.addEventListener("message", ({ data: { id, parts } }: MessageEvent<ColouredCode>) => {
    askers.get(id)?.(parts);
    askers.delete(id);
  });
  // It could not be fetched, the queen is away: code stays as it is, and the next one tries again.
  started.addEventListener("error", () => {
    thread = undefined;
    for (const answer of askers.values()) answer(undefined);
    askers.clear();
  });
  return started;
}
