/**
 * A line of a program's log or output as a person reads it: the message of a log line, what a
 * narration says, or the text itself. Undefined for what tells a person nothing: a blank line, a
 * state for programs, the places in the code where an error came by.
 */
export function readableLogLine(line: string): string | undefined {
  if (line.trim() === "" || isStackLine(line)) return undefined;
  if (!line.startsWith("{")) return line;
  const parsed = parseObject(line);
  if (parsed === undefined) return line;
  if (parsed["status"] !== undefined) return undefined;
  const narration = parsed["narration"] as { human?: unknown } | undefined;
  const text = narration?.human ?? parsed["msg"];
  if (typeof text !== "string") return line;
  const cause = parsed["error"] as { message?: unknown } | undefined;
  return typeof cause?.message === "string" ? `${text}: ${cause.message}` : text;
}

function isStackLine(line: string): boolean {
  return /^\s+at |^\s*[{}]\s*$|^Node\.js v/.test(line);
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
