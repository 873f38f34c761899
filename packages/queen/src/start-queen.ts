import { homedir } from "node:os";
import { join } from "node:path";
import { localNodeName, RbeeError } from "@rbee/contract";
import { openProgram, runDaemon } from "@rbee/daemon";
import type { Daemon, Program } from "@rbee/daemon";
import { expandHome, readSecretFile } from "@rbee/settings";
import { createQueen } from "./create-queen.ts";
import { createLocalNode } from "./gateway/local-node.ts";
import { tailLog } from "./gateway/tail-log.ts";
import { ensureInstanceId } from "./instance-id.ts";
import type { QueenFlags } from "./parse-flags.ts";
import type { NodeAccess, Nodes } from "./ports.ts";
import { reportSettings } from "./settings-report.ts";

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
  const { settings, paths, logger, installation, loaded, flush } = program;
  const instanceId = ensureInstanceId(join(paths.run, "queen-instance-id"));
  const key = openKey(program);
  const local = createLocalNode({ installation, settings, paths, configFile, instanceId });
  // Known only once it listens; nobody can ask for the stop before.
  const stop: { request: () => void } = { request: () => {} };
  const queen = createQueen({
    identity: {
      version: installation.version,
      instanceId,
      pid: process.pid,
      startedAtMs: Date.now(),
    },
    nodes: createNodes([local]),
    logs: {
      read: ({ lines, follow }, signal) =>
        tailLog({ file: join(paths.logs, logFileName), lines, follow, signal }),
    },
    settings,
    settingsReport: () => reportSettings(loaded),
    currentKey: key.current,
    logger,
    requestStop: () => stop.request(),
  });
  const daemon = await runDaemon({
    program: "queen-rbee",
    app: queen.app,
    host: settings.queen.host,
    port: settings.queen.port,
    hasKey: key.current() !== undefined,
    logger,
    pidFile: join(paths.run, "queen.pid"),
    readyDescriptor: flags.readyDescriptor,
    lifelineDescriptor: flags.lifelineDescriptor,
    onListening: queen.open,
    onReload: key.reload,
    stop: (_cause, impatience) => queen.stop(impatience),
    stopTimeoutMs: settings.timeouts.shutdown * 1000,
    flush,
  });
  stop.request = () => daemon.requestStop("request");
  return daemon;
}

function createNodes(list: readonly NodeAccess[]): Nodes {
  return {
    list: () => list,
    require(name = localNodeName) {
      const node = list.find((known) => known.name === name);
      if (node === undefined) throw new RbeeError("NODE_NOT_FOUND", { node: name });
      return node;
    },
  };
}

// A key that cannot be read at a reload is not taken over: the old one goes on.
function openKey({ settings, logger }: Program) {
  const file = settings.queen.api_key_file;
  const read = () => (file === undefined ? undefined : readSecretFile(expandHome(file, homedir())));
  let key = read();
  return {
    current: () => key,
    reload() {
      try {
        key = read();
        logger.info({}, "the API key was read again");
      } catch (error) {
        logger.error({ error }, "the API key cannot be read; the old one stays");
      }
    },
  };
}
