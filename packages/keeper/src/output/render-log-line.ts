import { formatLogLine } from "@rbee/contract";
import { formatLocalTime } from "./figures.ts";
import { safeText } from "./safe-text.ts";

/** A line of a daemon's log for a person in a terminal. */
export function renderLogLine(line: string): string {
  return safeText(formatLogLine(line, formatLocalTime));
}
