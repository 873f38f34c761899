import { errorEntry, errorToWire } from "@rbee/contract";
import type { HiveReady, HiveStartLine, Narration, RbeeError } from "@rbee/contract";

/** Who hears how a start goes: a person in a terminal, or a queen that reads lines of JSON. */
export interface StartListener {
  readonly tell: (human: string, figures?: Partial<Narration>) => void;
  readonly ready: (ready: HiveReady) => void;
  readonly failed: (error: RbeeError) => void;
}

/** For a program: every line on stdout is one `HiveStartLine`. */
export function createLineWriter(node: string): StartListener {
  const write = (line: HiveStartLine) => void process.stdout.write(`${JSON.stringify(line)}\n`);
  return {
    tell(human, figures = {}) {
      const narration = { type: "narration", actor: "rbee-hive", action: "hive-start" } as const;
      write({ narration: { ...narration, level: "info", human, node, ...figures } });
    },
    ready: (ready) => write({ ready }),
    failed: (error) => write({ error: errorToWire(error, "") }),
  };
}

/** For a person: the story on stderr, where it listens on stdout. */
export function createPersonWriter(): StartListener {
  return {
    tell: (human) => void process.stderr.write(`[rbee-hive] ${human}\n`),
    ready({ version, host, port, pid, already_running: isOld }) {
      const how = isOld ? "runs already" : "runs";
      const where = `${host}:${port}`;
      process.stdout.write(`rbee-hive v${version} ${how} at ${where} (process ${pid})\n`);
      process.stdout.write("Stop it: rbee-hive stop\n");
    },
    failed(error) {
      const entry = errorEntry(error.code);
      const explained = entry.explain?.(error.details) ?? [];
      const lines = [`${error.message} [${error.code}]`, ...explained];
      process.stderr.write(`rbee-hive: ${lines.join("\n  ")}\n`);
    },
  };
}
