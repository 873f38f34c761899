import { z } from "zod";
import { Narration } from "./narration.ts";

/**
 * A line of a program's log for a person who reads all of it: when, how serious, who, what, and the
 * figures. Lines of another form are as they were. The time is said as the reader is used to.
 */
export function formatLogLine(line: string, formatTime: (time: Date) => string): string {
  const entry = parseEntry(line);
  if (entry === undefined) return line;
  const { time, level, program, actor, msg, ...figures } = entry;
  const moment = typeof time === "string" ? new Date(time) : undefined;
  const isMoment = moment !== undefined && !Number.isNaN(moment.getTime());
  const when = isMoment ? `${formatTime(moment)} ` : "";
  const who = textOf(actor) ?? textOf(program) ?? "rbee";
  const rest = Object.entries(figures)
    .filter(([name]) => !machineFields.has(name))
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  const serious = (textOf(level) ?? "info").padEnd(5);
  return when + [serious, `[${who}]`, textOf(msg), ...rest].join(" ");
}

// Workers hand their narration to their hive as it is; her log keeps it in this form.
const Narrated = z.object({
  narration: Narration.transform(({ human, actor, level }) => ({ msg: human, actor, level })),
});

// What a worker tells programs of itself; its figures are on the page of workers and in the list.
const Stated = z.object({ status: z.object({ state: z.string() }) });

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

// Said by the line already, or of use to programs only, which read whole lines.
const machineFields = new Set(["pid", "action", "target", "correlation_id", "hostname"]);

function parseEntry(line: string): Record<string, unknown> | undefined {
  // Most lines of other programs are told from ours by their first character.
  if (!line.startsWith("{")) return undefined;
  try {
    const entry = JSON.parse(line) as Record<string, unknown> | null;
    if (typeof entry?.["msg"] === "string") return entry;
    const state = Stated.safeParse(entry).data?.status;
    if (state !== undefined) return { program: "llm-worker-rbee", msg: `is ${state.state}` };
    return Narrated.safeParse(entry).data?.narration;
  } catch {
    return undefined;
  }
}
