import { homedir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { timings } from "@rbee/contract";
import type { HiveHealth } from "@rbee/contract";
import { loadSettings, rbeePaths } from "@rbee/settings";
import { findHiveAddress, findRunningHive } from "./hive-address.ts";
import type { NodeCommand } from "./parse-command-line.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const pollMs = 100;

/** Stops the hive of this node with its workers: asks it, then SIGTERM, then SIGKILL. */
export async function runStopCommand(
  { configFile, port }: NodeCommand,
  environment: Environment,
): Promise<number> {
  const homeDirectory = homedir();
  const flags = { hive: { port } };
  const { settings } = loadSettings({ environment, homeDirectory, configFile, flags });
  const paths = rbeePaths({ settings, environment, homeDirectory });
  const { url, client } = findHiveAddress(settings, paths);
  const running = await findRunningHive(settings, timings.shutdownAcknowledgeMs);
  if (running === undefined) {
    process.stdout.write(`No rbee-hive runs here: nothing answers at ${url}.\n`);
    return 0;
  }
  process.stderr.write(`[rbee-hive] stopping process ${running.pid} and its workers\n`);
  const timeoutMs = timings.shutdownAcknowledgeMs;
  const isAsked = await client.call("shutdown", { timeoutMs }).then(
    () => true,
    () => false,
  );
  const how = await waitUntilGone(running, isAsked);
  const line = how === "alive" ? "rbee-hive does not stop." : `rbee-hive has stopped (${how}).`;
  process.stdout.write(`${line}\n`);
  return how === "alive" ? 1 : 0;
}

async function waitUntilGone(
  { pid }: HiveHealth,
  isAsked: boolean,
): Promise<"gracefully" | "by force" | "alive"> {
  const gone = async (limitMs: number) => {
    const deadline = performance.now() + limitMs;
    while (!isGone(pid)) {
      if (performance.now() >= deadline) return false;
      await delay(pollMs);
    }
    return true;
  };
  if (!isAsked) sendSignal(pid, "SIGTERM");
  if (await gone(timings.hiveShutdownMs)) return "gracefully";
  if (isAsked) sendSignal(pid, "SIGTERM");
  if (await gone(timings.shutdownTermMs)) return "gracefully";
  sendSignal(pid, "SIGKILL");
  return (await gone(timings.shutdownAcknowledgeMs)) ? "by force" : "alive";
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in between, or belongs to somebody else; the next look tells which.
  }
}
