import type { HostNetwork, ProgramRun } from "@rbee/testkit";

export interface TimedLine {
  readonly stream: "stdout" | "stderr";
  /** When it was whole, by the machine's clock. */
  readonly atMs: number;
  readonly text: string;
}

/** A command of the person at blep, with the times by the machine's clock. */
export interface Command {
  readonly run: ProgramRun;
  readonly startedAtMs: number;
}

const limitMs = 180_000;

export async function startKeeper(
  network: HostNetwork,
  words: readonly string[],
): Promise<Command> {
  const startedAtMs = Date.now();
  const run = await network.start("rbee-keeper", words, { limitMs });
  return { run, startedAtMs };
}

/** Runs a command to its end, which must be a good one; returns how long it took too. */
export async function runKeeper(
  network: HostNetwork,
  words: readonly string[],
): Promise<Command & { readonly durationMs: number }> {
  const command = await startKeeper(network, words);
  const { code, durationMs } = await command.run.ended;
  if (code === 0) return { ...command, durationMs };
  const said = `${command.run.stdout()}${command.run.stderr()}`;
  throw new Error(`rbee-keeper ${words.join(" ")} ended with ${code}:\n${said}`);
}

export function listLines({ run, startedAtMs }: Command): TimedLine[] {
  return (["stdout", "stderr"] as const).flatMap((stream) => {
    let rest = "";
    return run.pieces
      .filter((piece) => piece.stream === stream)
      .flatMap((piece) => {
        const lines = `${rest}${piece.text}`.split("\n");
        rest = lines.pop() ?? "";
        return lines.map((text) => ({ stream, atMs: startedAtMs + piece.atMs, text }));
      });
  });
}

/** When the command said this first. Throws when it never did. */
export function requireTime(command: Command, pattern: RegExp): number {
  const line = listLines(command).find(({ text }) => pattern.test(text));
  if (line === undefined) throw new Error(`nothing says ${String(pattern)}`);
  return line.atMs;
}

/** When the first piece of text came on stdout. */
export function firstTokenAt({ run, startedAtMs }: Command): number {
  const first = run.pieces.find(({ stream }) => stream === "stdout");
  if (first === undefined) throw new Error("no token came");
  return startedAtMs + first.atMs;
}
