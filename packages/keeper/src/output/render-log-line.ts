import { Narration } from "@rbee/contract";
import { z } from "zod";
import { safeText } from "./safe-text.ts";
import { formatLocalTime } from "./figures.ts";

/**
 * A line of a daemon's log for a person in a terminal: when, how serious, who, what. Lines of
 * another form are shown as they are.
 */
export function renderLogLine(line: string): string {
  const entry = parseEntry(line);
  if (entry === undefined) return safeText(line);
  const { time, level, program, actor, msg, ...figures } = entry;
  const when = typeof time === "string" ? `${formatLocalTime(new Date(time))} ` : "";
  const who = textOf(actor) ?? textOf(program) ?? "rbee";
  const rest = Object.entries(figures)
    .filter(([name]) => !machineFields.has(name))
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  const serious = (textOf(level) ?? "info").padEnd(5);
  return safeText(when + [serious, `[${who}]`, textOf(msg), ...rest].join(" "));
}

// Workers hand their narration to their hive as it is; her log keeps it in this form.
const Narrated = z.object({
  narration: Narration.transform(({ human, actor, level }) => ({ msg: human, actor, level })),
});

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

// Said by the line already, or of use to programs only (those read a pipe, which gets whole lines).
const machineFields = new Set(["pid", "action", "target", "correlation_id", "hostname"]);

function parseEntry(line: string): Record<string, unknown> | undefined {
  try {
    const entry = JSON.parse(line) as Record<string, unknown> | null;
    if (typeof entry?.["msg"] === "string") return entry;
    return Narrated.safeParse(entry).data?.narration;
  } catch {
    return undefined;
  }
}
