import { randomUUID } from "node:crypto";
import { homedir } from "node:os";
import { join } from "node:path";
import { localNodeName, timings } from "@rbee/contract";
import { openProgram, runDaemon } from "@rbee/daemon";
import type { Daemon, Logger } from "@rbee/daemon";
import { loadSettings } from "@rbee/settings";
import type { DaemonCommand } from "./cli/parse-command-line.ts";
import { createHive } from "./create-hive.ts";
import type { Hive } from "./create-hive.ts";
import { operator } from "./domain/judge-lease.ts";

const name = "rbee-hive";

type Environment = Readonly<Record<string, string | undefined>>;

/** Runs the hive until something stops it. */
export async function startHive(command: DaemonCommand, environment: Environment): Promise<void> {
  const { configFile, readyDescriptor } = command;
  const flags = { hive: { host: command.host, port: command.port } };
  const directory = import.meta.dirname;
  const program = openProgram({ name, directory, configFile, flags, logFileName: "hive.log" });
  const { settings, paths, logger, installation } = program;
  const running = Promise.withResolvers<Daemon>();
  const hive = createHive({
    program,
    identity: {
      version: installation.version,
      node: command.node ?? localNodeName,
      startedBy: command.startedBy ?? operator,
      instanceId: randomUUID(),
      pid: process.pid,
    },
    loadSettings: () =>
      loadSettings({ environment, homeDirectory: homedir(), configFile, flags }).settings,
    // A stop may be wanted before the start is over; then it comes right after it.
    requestStop: () => void running.promise.then((daemon) => daemon.requestStop("request")),
  });
  const share = timings.hiveShutdownMs / timings.queenShutdownMs;
  const daemon = await runDaemon({
    program: name,
    app: hive.app,
    host: settings.hive.host,
    port: settings.hive.port,
    hasKey: hive.hasKey,
    logger,
    pidFile: join(paths.run, "hive.pid"),
    readyDescriptor,
    onListening: hive.noteAddress,
    onReload: () => reload(hive, logger),
    stop: () => hive.stop(),
    stopTimeoutMs: settings.timeouts.shutdown * 1000 * share,
    flush: program.flush,
  });
  running.resolve(daemon);
}

// A configuration that is not valid changes nothing: the hive goes on with what it has.
function reload(hive: Hive, logger: Logger): void {
  try {
    hive.reload();
    logger.info("configuration and key were read again");
  } catch (error) {
    logger.error({ error }, "configuration or key cannot be used; the old ones stay");
  }
}
