import { styleText } from "node:util";
import type { Narration } from "@rbee/contract";
import { safeText } from "./safe-text.ts";

export interface NarrationStyle {
  readonly isPlain: boolean;
  readonly hasColor: boolean;
  readonly isVerbose: boolean;
}

/** `[actor] <emoji> text`; undefined for what is only told to those who want to know everything. */
export function renderNarration(event: Narration, style: NarrationStyle): string | undefined {
  if (event.level === "debug" && !style.isVerbose) return undefined;
  const said = style.isPlain ? event.human : (event.cute ?? event.human);
  const text = safeText(said).replaceAll(/\s*\n\s*/g, " ");
  const actor = `[${event.actor}]`;
  if (!style.hasColor) return `${actor} ${text}`;
  const color = event.level === "error" ? "red" : event.level === "warn" ? "yellow" : undefined;
  const shown = color === undefined ? text : paint(color, text);
  return `${paint("dim", actor)} ${shown}`;
}

// Whether there are colours at all was decided once, at the start; `styleText` must not ask again.
export function paint(style: "dim" | "red" | "yellow" | "green" | "bold", text: string): string {
  return styleText(style, text, { validateStream: false });
}
