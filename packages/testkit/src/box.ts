import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHiveClient, createQueenClient } from "@rbee/sdk";
import type { HiveClient, QueenClient } from "@rbee/sdk";
import { findInstallation, programCommand, readSecretFile } from "@rbee/settings";
import type { Installation, ProgramName } from "@rbee/settings";
import { mergeSettings, portSettings, settingsText } from "./box-settings.ts";
import type { SettingsTree } from "./box-settings.ts";
import { closeBox } from "./close-box.ts";
import { eventually } from "./eventually.ts";
import { takePortBlock } from "./port-block.ts";
import type { PortBlock } from "./port-block.ts";
import { belongsTo, listProcessesOf } from "./process-table.ts";
import type { ProcessEntry } from "./process-table.ts";
import { readPidFile } from "./read-pid-file.ts";
import { runProgram } from "./run-program.ts";
import type { ProgramRun } from "./run-program.ts";
import { testedInstallation } from "./tested-installation.ts";

export interface BoxOptions {
  /** The folder with the `rbee.json` of the copy of rbee to run; ours by default. */
  readonly installationRoot?: string | undefined;
  readonly settings?: SettingsTree;
  /** Variables that every program of this box gets besides HOME, RBEE_HOME and PATH. */
  readonly environment?: Readonly<Record<string, string>>;
  /** How long what was told to stop may take before it is called a leak. */
  readonly leakGraceMs?: number;
  /** How long a queen or a hive that the box starts may run; ten minutes by default. */
  readonly daemonLimitMs?: number | undefined;
}

export interface RunOptions {
  readonly stdin?: string;
  readonly limitMs?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory?: string;
  /** Words before the command: `unshare -m`, `faketime`. */
  readonly prefix?: readonly string[];
  /** A program of another copy of rbee than the box's own. */
  readonly installationRoot?: string;
}

/** A machine of its own for one test: home, configuration, ports, and what runs there. */
export interface Box extends AsyncDisposable {
  readonly root: string;
  readonly home: string;
  readonly rbeeHome: string;
  readonly configFile: string;
  /** Programs in this folder are found before those of the machine. */
  readonly binaries: string;
  readonly installation: Installation;
  readonly queenPort: number;
  readonly hivePort: number;
  readonly workerPortBase: number;
  /** Changes the configuration file; programs that start after this see it. */
  readonly configure: (settings: SettingsTree) => void;
  readonly start: (
    program: ProgramName,
    words: readonly string[],
    options?: RunOptions,
  ) => Promise<ProgramRun>;
  /** Runs the keeper to its end. */
  readonly keeper: (words: readonly string[], options?: RunOptions) => Promise<ProgramRun>;
  readonly startQueenAsOperator: (
    words?: readonly string[],
    options?: RunOptions,
  ) => Promise<ProgramRun>;
  readonly startHiveAsOperator: (
    words?: readonly string[],
    options?: RunOptions,
  ) => Promise<ProgramRun>;
  readonly queen: () => QueenClient;
  readonly hive: () => HiveClient;
  readonly queenPid: () => number | undefined;
  readonly hivePid: () => number | undefined;
  /** Everything of the product that runs in this box, whoever started it. */
  readonly processes: () => ProcessEntry[];
  /** Sends a signal to a process of this box; refuses any other. */
  readonly signal: (pid: number, name: NodeJS.Signals) => void;
  /** Stops what runs here, removes the box, and throws when anything was left. */
  readonly close: () => Promise<void>;
}

const daemonLimitDefaultMs = 600_000;
const daemonStartMs = 15_000;
// A worker whose hive was killed may take 10 s to go, and leaves with a margin.
const leakGraceDefaultMs = 12_000;

export async function createBox(options: BoxOptions = {}): Promise<Box> {
  const root = mkdtempSync(join(tmpdir(), "rbee-box-"));
  const places = {
    root,
    home: join(root, "home"),
    rbeeHome: join(root, "home/.rbee"),
    configFile: join(root, "home/.config/rbee/config.toml"),
    binaries: join(root, "bin"),
  };
  mkdirSync(join(places.home, ".config/rbee"), { recursive: true });
  mkdirSync(places.binaries);
  return assembleBox({ options, places, block: await takePortBlock() });
}

interface Places {
  readonly root: string;
  readonly home: string;
  readonly rbeeHome: string;
  readonly configFile: string;
  readonly binaries: string;
}

interface Parts {
  readonly options: BoxOptions;
  readonly places: Places;
  readonly block: PortBlock;
}

function assembleBox({ options, places, block }: Parts): Box {
  const installation = testedInstallation(options.installationRoot);
  const [queenPort = 0, hivePort = 0, workerPortBase = 0] = block.ports;
  const { rbeeHome } = places;
  const { leakGraceMs = leakGraceDefaultMs } = options;
  const runs: ProgramRun[] = [];
  const killedPids = new Set<number>();
  const stoppedPids = new Set<number>();
  const { queen, hive } = createClients({ queenPort, hivePort, rbeeHome });
  const start = createStart({ options, places, installation, runs });
  const { daemonLimitMs: limitMs = daemonLimitDefaultMs } = options;
  const startDaemon: Box["start"] = (program, words, run) =>
    start(program, words, { limitMs, ...run });
  const startQueen = createDaemonStart("queen-rbee", startDaemon, () => queen().call("health"));
  const startHive = createDaemonStart("rbee-hive", startDaemon, () => hive().call("health"));

  let settings = mergeSettings(
    portSettings({ queenPort, hivePort, workerPortBase }),
    options.settings ?? {},
  );
  const configure = (change: SettingsTree) => {
    settings = mergeSettings(settings, change);
    writeFileSync(places.configFile, settingsText(settings));
  };
  configure({});

  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= closeBox({ ...places, block, runs, killedPids, stoppedPids, leakGraceMs });
    return closing;
  };
  return {
    ...places,
    installation,
    queenPort,
    hivePort,
    workerPortBase,
    configure,
    start,
    async keeper(words, run) {
      const started = await start("rbee-keeper", words, run);
      await started.ended;
      return started;
    },
    startQueenAsOperator: startQueen,
    startHiveAsOperator: startHive,
    queen,
    hive,
    queenPid: () => readPidFile(join(rbeeHome, "run/queen.pid")),
    hivePid: () => readPidFile(join(rbeeHome, "run/hive.pid")),
    processes: () => listProcessesOf(rbeeHome),
    signal(pid, name) {
      if (!belongsTo(pid, rbeeHome)) throw new Error(`process ${pid} is not of this box`);
      if (name === "SIGKILL") killedPids.add(pid);
      if (name === "SIGSTOP") stoppedPids.add(pid);
      process.kill(pid, name);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface Addresses {
  readonly queenPort: number;
  readonly hivePort: number;
  readonly rbeeHome: string;
}

function createClients({ queenPort, hivePort, rbeeHome }: Addresses): Pick<Box, "queen" | "hive"> {
  return {
    queen: () =>
      createQueenClient({
        baseUrl: `http://127.0.0.1:${queenPort}`,
        key: () => findKey(join(rbeeHome, "keys/queen.key")),
      }),
    hive: () =>
      createHiveClient({
        baseUrl: `http://127.0.0.1:${hivePort}`,
        key: () => findKey(join(rbeeHome, "keys/hive.key")),
      }),
  };
}

// A daemon that a person starts in a terminal of their own; it is up when its health route answers.
function createDaemonStart(
  program: ProgramName,
  start: Box["start"],
  askHealth: () => Promise<unknown>,
): Box["startHiveAsOperator"] {
  return async (words = [], run = {}) => {
    const started = await start(program, ["daemon", ...words], run);
    await eventually(async () => started.end() !== undefined || (await askHealth()), {
      timeoutMs: daemonStartMs,
      what: `the health answer of ${program}`,
    });
    if (started.end() === undefined) return started;
    throw new Error(`${program} ended at start: ${started.stderr()}${started.stdout()}`);
  };
}

interface Launch {
  readonly options: BoxOptions;
  readonly places: Places;
  readonly installation: Installation;
  /** Every program that was started here, to be stopped at the end. */
  readonly runs: ProgramRun[];
}

function createStart({ options, places, installation, runs }: Launch): Box["start"] {
  const environment = {
    PATH: `${places.binaries}:${searchPath()}`,
    HOME: places.home,
    RBEE_HOME: places.rbeeHome,
    LANG: "C.UTF-8",
    ...options.environment,
  };
  return async (program, words, run = {}) => {
    const from =
      run.installationRoot === undefined ? installation : findInstallation(run.installationRoot);
    const started = await runProgram({
      command: [...(run.prefix ?? []), ...programCommand(from, program), ...words],
      environment: { ...environment, ...run.environment },
      directory: run.directory ?? places.home,
      stdin: run.stdin,
      limitMs: run.limitMs,
    });
    runs.push(started);
    return started;
  };
}

function findKey(path: string): string | undefined {
  try {
    return readSecretFile(path);
  } catch {
    // A hive without a key file wants no key.
    return undefined;
  }
}

function searchPath(): string {
  return process.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin";
}
