/**
 * A line of a worker's output as a person reads it: what the narration says, the message of a log
 * line, or the text itself. Undefined for a status line, which says nothing to a person.
 */
export function readableWorkerLine(line: string): string | undefined {
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

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
