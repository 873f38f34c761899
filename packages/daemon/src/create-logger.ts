import { pino } from "pino";
import type { Logger as PinoLogger } from "pino";
import type { LogFile } from "./log-file.ts";
import { redact } from "./redact.ts";

export type Logger = Pick<PinoLogger, "debug" | "info" | "warn" | "error" | "fatal"> & {
  readonly child: (bindings: Record<string, unknown>) => Logger;
};

interface LoggerOptions {
  readonly program: string;
  readonly level?: "debug" | "info" | "warn" | "error";
  /** Where lines of JSON go. */
  readonly sinks: readonly Pick<LogFile, "write">[];
}

/** Structured lines, redacted at the source, to every sink. */
export function createLogger({ program, level = "info", sinks }: LoggerOptions): Logger {
  const destination = {
    write(line: string) {
      // JSON escapes control characters, so only secrets can be left to remove here.
      const clean = redact(line);
      for (const sink of sinks) sink.write(clean);
    },
  };
  return pino(
    {
      level,
      base: { program, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // Both `err` and `error` may carry an Error; what an unknown one holds stays in the log.
      serializers: { error: pino.stdSerializers.err, cause: pino.stdSerializers.err },
    },
    destination,
  );
}
