import { errorFromWire, HiveStartLine, RbeeError, timings } from "@rbee/contract";
import type { HiveReady } from "@rbee/contract";
import type { RemoteRun, Ssh, SshTarget } from "../node-ports.ts";
import type { Story } from "../ports.ts";
import { withNode } from "./hive-failure.ts";

export interface RemoteStart {
  readonly ssh: Pick<Ssh, "run">;
  readonly target: SshTarget;
  /** The hive program there. */
  readonly program: string;
  readonly queen: string;
  /** Where it listens when the node's own configuration does not say. */
  readonly port: number;
  readonly key: string;
  readonly story: Story;
  readonly signal: AbortSignal;
}

const lastLinesMax = 10;
// What a shell ends with that cannot find or cannot run a program.
const missingCodes = new Set([126, 127]);

/**
 * Starts the hive of a node with a command that ends when it listens, and relays what that tells
 * meanwhile. One that runs there already is found instead.
 */
export async function startRemoteHive(start: RemoteStart): Promise<HiveReady> {
  const { ssh, target, story, signal } = start;
  const startedAt = performance.now();
  const heard = createListener(target.name, story);
  const run = await ssh.run(target, commandWords(start), {
    signal,
    // The command has this limit itself; a little later it is the connection that is stuck.
    timeoutMs: timings.remoteHiveStartTimeoutMs + timings.shutdownAcknowledgeMs,
    input: `${start.key}\n`,
    onLine: heard.take,
  });
  const { ready, error } = heard.outcome();
  if (ready !== undefined) return ready;
  if (error !== undefined) throw withNode(error, target.name);
  throw failure(start, run, {
    waitedMs: Math.round(performance.now() - startedAt),
    lastLines: heard.lastLines(),
  });
}

function commandWords({ program, target, queen, port }: RemoteStart): string[] {
  return [
    program,
    "start",
    "--node",
    target.name,
    "--started-by",
    queen,
    "--default-addr",
    `0.0.0.0:${port}`,
    "--key-stdin",
    "--json",
  ];
}

interface Outcome {
  ready?: HiveReady;
  error?: RbeeError;
}

function createListener(node: string, story: Story) {
  const outcome: Outcome = {};
  const lastLines: string[] = [];
  return {
    outcome: (): Readonly<Outcome> => outcome,
    lastLines: (): readonly string[] => lastLines,
    take(line: string, from: "stdout" | "stderr"): void {
      const parsed = from === "stdout" ? parseLine(line) : undefined;
      if (parsed === undefined) {
        if (line.trim() !== "") lastLines.push(line);
        if (lastLines.length > lastLinesMax) lastLines.shift();
      } else if ("narration" in parsed) {
        story({ type: "relay", event: { ...parsed.narration, node } });
      } else if ("ready" in parsed) {
        outcome.ready = parsed.ready;
      } else {
        outcome.error = errorFromWire(parsed.error) ?? unknownError(parsed.error.code);
      }
    },
  };
}

function parseLine(line: string): HiveStartLine | undefined {
  try {
    return HiveStartLine.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

function unknownError(code: string): RbeeError {
  const expected = "an error of the catalogue";
  return new RbeeError("INVALID_RESPONSE", { from: "rbee-hive", expected, found: code });
}

interface Seen {
  readonly waitedMs: number;
  readonly lastLines: readonly string[];
}

function failure(
  { target, program }: RemoteStart,
  { exitCode, signal }: RemoteRun,
  { waitedMs, lastLines }: Seen,
): RbeeError {
  const node = target.name;
  if (exitCode !== null && missingCodes.has(exitCode)) {
    return new RbeeError("HIVE_NOT_INSTALLED", { node, looked_for: program });
  }
  return new RbeeError("HIVE_START_FAILED", {
    node,
    waited_ms: waitedMs,
    exit_code: exitCode,
    signal,
    last_lines: [...lastLines],
  });
}
