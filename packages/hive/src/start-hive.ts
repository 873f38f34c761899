import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { localNodeName, timings } from "@rbee/contract";
import { openProgram, openProgramTracer, runDaemon } from "@rbee/daemon";
import type { Daemon } from "@rbee/daemon";
import type { DaemonCommand } from "./cli/parse-command-line.ts";
import { createHive } from "./create-hive.ts";
import { operator } from "./domain/judge-lease.ts";

const name = "rbee-hive";

/** Runs the hive until something stops it. */
export async function startHive(command: DaemonCommand): Promise<void> {
  const { configFile, readyDescriptor } = command;
  const flags = { hive: { host: command.host, port: command.port } };
  const directory = import.meta.dirname;
  const program = openProgram({
    name,
    directory,
    configFile,
    flags,
    logFileName: "hive.log",
    ownSecrets: ["HF_TOKEN"],
  });
  const { settings, paths, logger, installation } = program;
  const tracer = await openProgramTracer(program);
  const running = Promise.withResolvers<Daemon>();
  const hive = createHive({
    program,
    tracer,
    identity: {
      version: installation.version,
      node: command.node ?? localNodeName,
      startedBy: command.startedBy ?? operator,
      instanceId: randomUUID(),
      pid: process.pid,
    },
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
    onReload: hive.reload,
    stop: () => hive.stop(),
    stopTimeoutMs: settings.timeouts.shutdown * 1000 * share,
    async flush() {
      await tracer.close();
      await program.flush();
    },
  });
  running.resolve(daemon);
}
