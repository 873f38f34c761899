import type { Keeper } from "../keeper.ts";
import { paint } from "./render-narration.ts";

// A tick or a cross in a result. They are no emoji, but --plain means letters all the same.
export function mark({ terminal, globals }: Keeper, isGood: boolean): string {
  if (globals.plain) return isGood ? "ok" : "no";
  const sign = isGood ? "✓" : "✗";
  return terminal.hasOutputColor ? paint(isGood ? "green" : "red", sign) : sign;
}
