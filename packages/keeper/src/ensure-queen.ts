// The only file that starts a process. A queen is started for a person who did not start one: with
// that person's configuration, as a daemon, or (--ephemeral) tied to this keeper by a pipe.

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, existsSync, fstatSync, mkdirSync, openSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Readable } from "node:stream";
import { RbeeError, timings } from "@rbee/contract";
import type { QueenHealth } from "@rbee/contract";
import { ensureKeyFile, programCommand } from "@rbee/settings";
import { AdvisedError } from "./advised-error.ts";
import { requireSameVersion } from "./check-version.ts";
import type { Keeper } from "./keeper.ts";
import { isLoopbackHost, isLoopbackUrl, portOfUrl } from "./queen-url.ts";
import { probeQueen } from "./probe-queen.ts";
import type { QueenProbe } from "./probe-queen.ts";
import { readLogTail } from "./read-log-tail.ts";
import { foreignProgramError, unreachableError } from "./unreachable-error.ts";
import { waitMs } from "./wait.ts";

export interface EnsureOptions {
  readonly url: string;
  /** The queen that is started here ends with this keeper, however it ends. */
  readonly isEphemeral: boolean;
  /** Where she listens when she is started; the configuration says it otherwise. */
  readonly host?: string | undefined;
}

export interface EnsuredQueen {
  readonly health: QueenHealth;
  /** False when she ran already, or another keeper was quicker. */
  readonly wasStarted: boolean;
  /** Set for an ephemeral queen: settles when her process has ended. */
  readonly exited: Promise<void> | undefined;
}

/**
 * Makes sure that a queen of our version answers at the URL. Throws QUEEN_UNREACHABLE or
 * VERSION_MISMATCH.
 */
export async function ensureQueen(keeper: Keeper, options: EnsureOptions): Promise<EnsuredQueen> {
  const { url, isEphemeral } = options;
  const probe = await probeNow(keeper, url);
  if (probe.state === "queen") {
    requireSameVersion(keeper.configuration().installation, probe.health.version);
    if (isEphemeral) {
      keeper.story.narrate({
        action: "queen-found",
        human: "queen-rbee runs already: it is used, and left running",
        cute: "👑 queen-rbee runs already: it is used, and left running",
      });
    }
    return { health: probe.health, wasStarted: false, exited: undefined };
  }
  if (probe.state === "foreign") throw foreignProgramError(url, probe.found);
  if (probe.state === "silent") throw unreachableError(url, probe.reason);
  const isOfThisMachine = isLoopbackUrl(url) || options.host !== undefined;
  if (!isOfThisMachine) throw unreachableError(url, "connection refused");
  return await startQueen(keeper, options);
}

async function probeNow(keeper: Keeper, url: string): Promise<QueenProbe> {
  const timeoutMs = keeper.configuration().settings.timeouts.connect * 1000;
  return await probeQueen(url, { timeoutMs, signal: keeper.interrupts.signal });
}

interface StartedQueen {
  readonly child: ChildProcess;
  readonly logFile: string;
  /** Size of the log before the start: what comes later is this queen's. */
  readonly logStart: number;
  readonly exited: Promise<void>;
  /** Settles when the queen says that it listens. */
  readonly ready: Promise<void>;
}

async function startQueen(keeper: Keeper, options: EnsureOptions): Promise<EnsuredQueen> {
  const { url, isEphemeral } = options;
  const ending = isEphemeral ? "it ends with this command" : "stop it: rbee-keeper queen stop";
  keeper.story.narrate({
    action: "queen-start",
    human: `starting queen-rbee at ${url} (${ending})`,
    cute: `👑 starting queen-rbee at ${url} (${ending})`,
  });
  ensureQueenKey(keeper, options);
  const started = spawnQueen(keeper, options);
  try {
    const health = await waitForQueen(keeper, url, started);
    const isOurs = health.pid === started.child.pid;
    requireSameVersion(keeper.configuration().installation, health.version);
    if (!isOurs) {
      keeper.story.narrate({
        action: "queen-found",
        human: "another command started queen-rbee first: that one is used",
        cute: "👑 another command started queen-rbee first: that one is used",
      });
    }
    const exited = isOurs && isEphemeral ? started.exited : undefined;
    return { health, wasStarted: isOurs, exited };
  } catch (error) {
    if (isEphemeral) await endStartedQueen(started);
    throw error;
  } finally {
    (started.child.stdio[3] as Readable | null)?.destroy();
  }
}

// A queen that other machines reach does not start without a key, and whoever starts her needs it.
function ensureQueenKey(keeper: Keeper, { host }: EnsureOptions): void {
  const { settings, paths } = keeper.configuration();
  const isOpen = !isLoopbackHost(host ?? settings.queen.host);
  if (!isOpen || settings.queen.api_key_file !== undefined || existsSync(paths.queenKey)) return;
  ensureKeyFile(paths.queenKey);
  keeper.story.tell(`Made a key for programs on this machine: ${paths.queenKey}`);
}

function spawnQueen(keeper: Keeper, { url, isEphemeral, host }: EnsureOptions): StartedQueen {
  const { installation, paths, settings } = keeper.configuration();
  mkdirSync(paths.logs, { recursive: true, mode: 0o700 });
  const logFile = join(paths.logs, "queen.log");
  const log = openSync(logFile, "a", 0o600);
  const [program = "", ...words] = programCommand(installation, "queen-rbee");
  const { config } = keeper.globals;
  const port = portOfUrl(url);
  const flags = [
    ...(config === undefined ? [] : ["--config", resolve(config)]),
    ...(host === undefined ? [] : ["--host", host]),
    ...(port === settings.queen.port ? [] : ["--port", String(port)]),
    "--ready-fd",
    "3",
    ...(isEphemeral ? ["--lifeline-fd", "4"] : []),
  ];
  const child = spawn(program, [...words, ...flags], {
    // A session of its own: Ctrl+C in this terminal is meant for the keeper.
    detached: true,
    env: keeper.environment,
    stdio: ["ignore", log, log, "pipe", ...(isEphemeral ? (["pipe"] as const) : [])],
  });
  const logStart = fstatSync(log).size;
  closeSync(log);
  const exited = new Promise<void>((settle) => {
    child.once("exit", () => settle()).once("error", () => settle());
  });
  const readyPipe = child.stdio[3] as Readable;
  const ready = new Promise<void>((settle) => {
    readyPipe.once("data", () => settle()).on("error", () => {});
  });
  if (!isEphemeral) child.unref();
  return { child, logFile, logStart, exited, ready };
}

// The pipe tells at once and the poll tells for sure: a queen counts when its health route answers.
async function waitForQueen(
  keeper: Keeper,
  url: string,
  started: StartedQueen,
): Promise<QueenHealth> {
  const { signal } = keeper.interrupts;
  const deadline = performance.now() + timings.queenStartTimeoutMs;
  let isTold = false;
  const told = started.ready.then(() => (isTold = true));
  for (;;) {
    const hasEnded = started.child.exitCode !== null || started.child.signalCode !== null;
    const probe = await probeNow(keeper, url);
    if (probe.state === "queen") return probe.health;
    if (probe.state === "foreign") throw foreignProgramError(url, probe.found);
    if (hasEnded || started.child.pid === undefined) throw startFailure(url, started, "ended");
    if (performance.now() > deadline) throw startFailure(url, started, "silent");
    const pause = waitMs(timings.queenStartPollMs, signal);
    await (isTold ? pause : Promise.race([pause, told, started.exited]));
  }
}

function startFailure(
  url: string,
  { child, logFile, logStart }: StartedQueen,
  how: "ended" | "silent",
): AdvisedError {
  const last_lines = readLogTail(logFile, { fromByte: logStart, linesMax: 8 });
  const end = child.signalCode ?? `exit code ${child.exitCode ?? "unknown"}`;
  const seconds = timings.queenStartTimeoutMs / 1000;
  const reason =
    how === "ended"
      ? `queen-rbee ended at start with ${end}`
      : `queen-rbee was started and did not answer within ${seconds} s`;
  const error = new RbeeError("QUEEN_UNREACHABLE", { url, reason, last_lines });
  return new AdvisedError(error, { lines: [`Its log: ${logFile}`] });
}

// Without the pipe the queen would stay; with it, closing is enough, and waiting makes it sure.
async function endStartedQueen({ child, exited }: StartedQueen): Promise<void> {
  child.stdio[4]?.destroy();
  child.kill("SIGTERM");
  const patience = setTimeout(() => child.kill("SIGKILL"), timings.queenShutdownMs);
  await exited;
  clearTimeout(patience);
}
