// A thread beside the page: to find the colours of long code takes longer than a page may halt.
import { colourCode } from "./colour-code.ts";
import type { ColouredCode, CodeToColour } from "./ask-colours.ts";

addEventListener("message", ({ data }: MessageEvent<CodeToColour>) => {
  const { id, language, text } = data;
  postMessage({ id, parts: colourCode(language, text) } satisfies ColouredCode);
});
