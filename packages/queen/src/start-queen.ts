import { join } from "node:path";
import { openProgram, openProgramTracer, runDaemon } from "@rbee/daemon";
import type { Daemon, Program } from "@rbee/daemon";
import { createNodeRoom } from "./create-node-room.ts";
import { createQueenAccess } from "./create-queen-access.ts";
import { createQueen } from "./create-queen.ts";
import { tailLog } from "./gateway/tail-log.ts";
import { ensureInstanceId } from "./instance-id.ts";
import type { QueenFlags } from "./parse-flags.ts";
import { queenReloadPolicy } from "./reload-policy.ts";
import { reportSettings } from "./settings-report.ts";
import { createKeyStore } from "./store/create-key-store.ts";
import { createUsageStore } from "./store/create-usage-store.ts";
import { openQueenDatabase } from "./store/open-queen-database.ts";
import type { OpenedQueenDatabase } from "./store/open-queen-database.ts";

const logFileName = "queen.log";

/** Starts the queen as a daemon; returns when it listens. */
export async function startQueen(flags: QueenFlags): Promise<Daemon> {
  const { host, port, database, configFile } = flags;
  const program = openProgram({
    name: "queen-rbee",
    directory: import.meta.dirname,
    configFile,
    flags: { queen: { host, port, database } },
    logFileName,
  });
  const { settings, paths, logger, installation, live, flush } = program;
  const tracer = await openProgramTracer(program);
  const instanceId = ensureInstanceId(join(paths.run, "queen-instance-id"));
  const store = openStore(program);
  const access = createQueenAccess(program, openAccessStores(store));
  const room = createNodeRoom({ program, database: store, instanceId, configFile });
  // Known only once it listens; nobody can ask for the stop before.
  const stop: { request: () => void } = { request: () => {} };
  const queen = createQueen({
    identity: { version: installation.version, instanceId, ...thisProcess() },
    ...room,
    logs: {
      read: ({ lines, follow }, signal) =>
        tailLog({ file: join(paths.logs, logFileName), lines, follow, signal }),
    },
    currentSettings: () => live.current().settings,
    settingsReport: () => reportSettings(live),
    access,
    logger,
    tracer,
    consoleFolder: installation.console,
    requestStop: () => stop.request(),
  });
  const daemon = await runDaemon({
    program: "queen-rbee",
    app: queen.app,
    host: settings.queen.host,
    port: settings.queen.port,
    hasKey: access.isLocked(),
    logger,
    pidFile: join(paths.run, "queen.pid"),
    readyDescriptor: flags.readyDescriptor,
    lifelineDescriptor: flags.lifelineDescriptor,
    onListening: queen.open,
    onReload: () => live.reload({ policy: queenReloadPolicy, apply: access.reload }),
    async stop(_cause, impatience) {
      await queen.stop(impatience);
      await room.ssh.close();
      access.close();
      store.close();
    },
    stopTimeoutMs: settings.timeouts.shutdown * 1000,
    async flush() {
      await tracer.close();
      await flush();
    },
  });
  stop.request = () => daemon.requestStop("request");
  return daemon;
}

function thisProcess() {
  return { pid: process.pid, startedAtMs: Date.now() };
}

function openAccessStores(database: OpenedQueenDatabase["database"]) {
  return { keys: createKeyStore(database), usage: createUsageStore(database) };
}

function openStore({ paths, logger }: Program): OpenedQueenDatabase["database"] {
  const { database, backupPath } = openQueenDatabase(paths.queenDatabase);
  if (backupPath !== undefined) {
    logger.warn({ backup_path: backupPath }, "beehives.db was corrupt and is set aside");
  }
  return database;
}
