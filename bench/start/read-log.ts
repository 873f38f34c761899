/** A line of a program's log, as far as benches read it. */
export interface LogLine {
  readonly time?: string;
  readonly msg?: string;
  readonly action?: string;
}

/** The structured lines of a log; what else is there is left out. */
export function parseLog(text: string): LogLine[] {
  const lines = text.split("\n").filter((line) => line.startsWith("{"));
  return lines.map((line) => JSON.parse(line) as LogLine);
}

/** When a log said this first, in milliseconds of the machine's clock. */
export function timeOf(
  lines: readonly LogLine[],
  matches: (line: LogLine) => boolean,
): number | undefined {
  const found = lines.find((line) => line.time !== undefined && matches(line));
  return found?.time === undefined ? undefined : Date.parse(found.time);
}
