import { setTimeout as delay } from "node:timers/promises";
import { launchDaemon } from "@rbee/daemon/launch";
import type { DaemonCommand, LaunchedDaemon } from "@rbee/daemon/launch";

export interface DaemonStart extends DaemonCommand {
  readonly limitMs: number;
}

export type DaemonStarted =
  | { readonly kind: "ready"; readonly pid: number; readonly url: string }
  /** Over before it listened. */
  | {
      readonly kind: "ended";
      readonly exitCode: number | null;
      readonly signal: string | null;
      readonly lastLines: readonly string[];
    }
  | { readonly kind: "silent"; readonly lastLines: readonly string[] };

/**
 * Starts the daemon as a process of a session of its own, with its own log, so that neither the end
 * of a terminal nor that of an SSH connection ends it. Returns when it listens or never will.
 */
export async function startDaemon(start: DaemonStart): Promise<DaemonStarted> {
  const { child, readyLine, lastLines, closePipe } = launchDaemon(start);
  const over = new AbortController();
  const isLate = delay(start.limitMs, "silent" as const, { signal: over.signal }).catch(
    () => "silent",
  );
  const isReady = readyLine.then((line) => JSON.parse(line) as { pid: number; url: string });
  try {
    const outcome = await Promise.race([isReady, waitForExit(child), isLate]);
    if (typeof outcome === "string") {
      child.kill("SIGKILL");
      return { kind: "silent", lastLines: lastLines() };
    }
    if ("url" in outcome) return { kind: "ready", ...outcome };
    return { kind: "ended", ...outcome, lastLines: lastLines() };
  } finally {
    over.abort();
    closePipe();
    child.unref();
  }
}

interface Exit {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

function waitForExit(child: LaunchedDaemon["child"]): Promise<Exit> {
  return new Promise((resolve) => {
    child.once("error", () => resolve({ exitCode: null, signal: null }));
    child.once("exit", (exitCode, signal) => resolve({ exitCode, signal }));
  });
}
