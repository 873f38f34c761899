import { homedir } from "node:os";
import { join } from "node:path";
import { localNodeName, RbeeError, timings } from "@rbee/contract";
import type { HiveHealth } from "@rbee/contract";
import { findInstallation, loadSettings, programCommand, rbeePaths } from "@rbee/settings";
import type { LoadedSettings, RbeePaths, Settings } from "@rbee/settings";
import { startDaemon } from "../process/start-daemon.ts";
import type { DaemonStarted } from "../process/start-daemon.ts";
import { findRunningHive } from "./hive-address.ts";
import type { StartCommand } from "./parse-command-line.ts";
import { readKeyLine, writeKeyFile } from "./receive-hive-key.ts";
import { createLineWriter, createPersonWriter } from "./start-line-writer.ts";
import type { StartListener } from "./start-line-writer.ts";

type Environment = Readonly<Record<string, string | undefined>>;

interface Starting {
  readonly command: StartCommand;
  readonly settings: Settings;
  readonly paths: RbeePaths;
  readonly listener: StartListener;
}

/**
 * Starts the daemon of this node and returns when it listens: for a person, and for a queen over
 * SSH, who gives the hive its key on stdin. One that runs already is left as it is, its key too.
 */
export async function runStartCommand(
  command: StartCommand,
  environment: Environment,
): Promise<number> {
  const node = command.node ?? localNodeName;
  const listener = command.isJson ? createLineWriter(node) : createPersonWriter();
  try {
    const { settings, paths } = openConfiguration(command, environment);
    const starting = { command, settings, paths, listener };
    const running = await findRunning(starting);
    if (running !== undefined) return tellRunning(running, starting);
    // Read before anything is started: a queen that does not finish her line starts no hive.
    const key = command.takesKey ? await readKeyLine(process.stdin) : undefined;
    if (key !== undefined) writeKeyFile(paths.hiveKey, key);
    return await start(starting);
  } catch (error) {
    if (!RbeeError.is(error)) throw error;
    listener.failed(error);
    return 1;
  }
}

// `--default-addr` is what a queen would like; what the node's own configuration says stands.
function openConfiguration(command: StartCommand, environment: Environment) {
  const { configFile, defaultAddress, host, port } = command;
  const homeDirectory = homedir();
  const load = (hive: Readonly<Record<string, unknown>>): LoadedSettings =>
    loadSettings({ environment, homeDirectory, configFile, flags: { hive } });
  const { sources } = load({ host, port });
  const unlessSaid = <Value>(name: string, value: Value | undefined) =>
    sources.has(`hive.${name}`) ? undefined : value;
  const { settings } = load({
    host: host ?? unlessSaid("host", defaultAddress?.host),
    port: port ?? unlessSaid("port", defaultAddress?.port),
  });
  return { settings, paths: rbeePaths({ settings, environment, homeDirectory }) };
}

async function findRunning({ settings }: Starting): Promise<HiveHealth | undefined> {
  return await findRunningHive(settings, timings.shutdownAcknowledgeMs);
}

function tellRunning(health: HiveHealth, { settings, listener }: Starting): number {
  const { version, pid, started_by, node } = health;
  listener.tell(`rbee-hive v${version} runs already on ${node} (process ${pid})`, { pid });
  const { host, port } = settings.hive;
  listener.ready({ version, pid, host, port, started_by, already_running: true });
  return 0;
}

async function start(starting: Starting): Promise<number> {
  const { command, settings, paths, listener } = starting;
  const { host, port } = settings.hive;
  const installation = findInstallation(import.meta.dirname);
  listener.tell(`rbee-hive v${installation.version} starts on ${host}:${port}`, { port });
  const startedAt = performance.now();
  const started = await startDaemon({
    command: [...programCommand(installation, "rbee-hive"), ...daemonWords(command, settings)],
    logFile: join(paths.logs, "hive.log"),
    limitMs: timings.remoteHiveStartTimeoutMs,
  });
  const durationMs = Math.round(performance.now() - startedAt);
  if (started.kind !== "ready") {
    // Somebody else may have started one at the same moment.
    const other = await findRunning(starting);
    if (other !== undefined) return tellRunning(other, starting);
    throw startFailure(command, started, durationMs);
  }
  const { pid } = started;
  listener.tell(`rbee-hive listens on ${host}:${port} (process ${pid})`, {
    pid,
    duration_ms: durationMs,
  });
  const started_by = command.startedBy ?? "operator";
  const { version } = installation;
  listener.ready({ version, pid, host, port, started_by, already_running: false });
  return 0;
}

function daemonWords(command: StartCommand, { hive }: Settings): string[] {
  const { node, startedBy, configFile } = command;
  return [
    "daemon",
    "--host",
    hive.host,
    "--port",
    String(hive.port),
    ...(node === undefined ? [] : ["--node", node]),
    ...(startedBy === undefined ? [] : ["--started-by", startedBy]),
    ...(configFile === undefined ? [] : ["--config", configFile]),
  ];
}

function startFailure(
  { node = localNodeName }: StartCommand,
  started: Exclude<DaemonStarted, { kind: "ready" }>,
  waitedMs: number,
): RbeeError {
  const end = started.kind === "ended" ? started : { exitCode: null, signal: null };
  return new RbeeError("HIVE_START_FAILED", {
    node,
    waited_ms: waitedMs,
    exit_code: end.exitCode,
    signal: end.signal,
    last_lines: [...started.lastLines],
  });
}
