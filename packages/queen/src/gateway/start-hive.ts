import { existsSync } from "node:fs";
import { RbeeError, timings } from "@rbee/contract";
import { launchDaemon } from "@rbee/daemon/launch";
import type { LaunchedDaemon } from "@rbee/daemon/launch";
import { delay } from "./look-for-hive.ts";

export interface HiveStartOptions {
  readonly node: string;
  /** The program's file, to say clearly when it is missing. */
  readonly program: string;
  readonly command: readonly string[];
  readonly logFile: string;
  readonly signal: AbortSignal;
  /** True when the hive answers over HTTP. */
  readonly isAnswering: () => Promise<boolean>;
}

/**
 * Starts a hive on this machine as a process of its own session, so that it outlives the queen when
 * the queen is killed. Returns when it says on its pipe that it listens and its health answers,
 * whichever is seen first.
 */
export async function startHive(options: HiveStartOptions): Promise<void> {
  const { node, program } = options;
  if (!existsSync(program))
    throw new RbeeError("HIVE_NOT_INSTALLED", { node, looked_for: program });
  const launched = launchDaemon(options);
  // Node reaps it whenever it ends; neither the child nor its pipe keeps the queen alive.
  launched.child.unref();
  const over = new AbortController();
  try {
    await Promise.race([
      waitForExit(launched, node),
      launched.readyLine,
      pollHealth(options, over.signal),
      waitForLimit(options, over.signal, launched),
    ]);
  } finally {
    over.abort(new Error("the wait is over"));
    launched.child.removeAllListeners("exit");
    launched.closePipe();
  }
}

function waitForExit({ child, lastLines }: LaunchedDaemon, node: string): Promise<never> {
  const startedAt = performance.now();
  return new Promise((_resolve, reject) => {
    const fail = (code: number | null, signal: string | null, cause?: unknown) => {
      const waitedMs = Math.round(performance.now() - startedAt);
      const lines = lastLines();
      const details = { node, waited_ms: waitedMs, exit_code: code, signal, last_lines: lines };
      reject(new RbeeError("HIVE_START_FAILED", details, { cause }));
    };
    child.once("error", (error) => fail(null, null, error));
    child.once("exit", fail);
  });
}

async function pollHealth({ isAnswering }: HiveStartOptions, signal: AbortSignal): Promise<void> {
  while (!(await isAnswering())) {
    const isOver = await delay(timings.localHiveStartPollMs, signal).then(
      () => false,
      () => true,
    );
    // Whoever ended the wait has told why; this one stays silent.
    if (isOver) return await new Promise<never>(() => {});
  }
}

async function waitForLimit(
  { node, signal }: HiveStartOptions,
  over: AbortSignal,
  { lastLines }: LaunchedDaemon,
): Promise<never> {
  const waitedMs = timings.localHiveStartTimeoutMs;
  await delay(waitedMs, AbortSignal.any([signal, over]));
  const lines = lastLines();
  const details = { node, waited_ms: waitedMs, exit_code: null, signal: null, last_lines: lines };
  throw new RbeeError("HIVE_START_FAILED", details);
}
