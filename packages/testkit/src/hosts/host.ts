import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { parseListeningPorts } from "../listeners.ts";
import { findProcess } from "../process-table.ts";
import type { ProcessEntry } from "../process-table.ts";
import { runProgram } from "../run-program.ts";
import type { ProgramRun } from "../run-program.ts";
import type { Cable } from "./cables.ts";
import { quote } from "./host-script.ts";
import { findChild } from "./start-namespace.ts";

export interface HostRunOptions {
  readonly stdin?: string | undefined;
  readonly limitMs?: number | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Who runs it: the person (by default), or root. */
  readonly user?: "bee" | "root";
}

/** A machine of the test network. What runs there sees its own files, processes and addresses. */
export interface Host {
  readonly name: string;
  readonly address: string;
  /** The person's home there. */
  readonly home: string;
  readonly cable: Cable;
  /** Starts a command there, as somebody at its keyboard would. */
  readonly start: (words: readonly string[], options?: HostRunOptions) => Promise<ProgramRun>;
  /** Runs a line of shell there and gives its stdout; throws when it fails. */
  readonly shell: (line: string, options?: HostRunOptions) => Promise<string>;
  readonly exists: (path: string) => Promise<boolean>;
  readonly read: (path: string) => Promise<string>;
  /** Writes a file of the person, with the folders that it needs. */
  readonly write: (path: string, text: string, mode?: string) => Promise<void>;
  /** What runs there besides what makes it a host: its first process and its SSH server. */
  readonly processes: () => ProcessEntry[];
  /** Ports that somebody listens on there, SSH left out. */
  readonly listeners: () => number[];
  /** Sends a signal to a process there; refuses any other. */
  readonly signal: (pid: number, name: NodeJS.Signals) => void;
  /** How often somebody has logged in by SSH. */
  readonly countLogins: () => Promise<number>;
  readonly startSshServer: () => Promise<void>;
  /** New connections are refused; with `sessions`, those that are open end too. */
  readonly stopSshServer: (what?: { readonly sessions: boolean }) => Promise<void>;
  /** A disk of so many megabytes takes the place of a folder. */
  readonly mountSmallDisk: (path: string, megabytes: number) => Promise<void>;
}

export interface HostInput {
  readonly name: string;
  readonly address: string;
  readonly pid: number;
  readonly cable: Cable;
}

const home = "/home/bee";
const sshLog = "/var/log/sshd.log";
const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export function createHost({ name, address, pid, cable }: HostInput): Host {
  const start: Host["start"] = (words, options = {}) =>
    startThere({ pid, words, options, place: options.user === "root" ? "/root" : home });
  const run = async (words: readonly string[], options?: HostRunOptions) => {
    const started = await start(words, options);
    const { code, signal } = await started.ended;
    if (code === 0) return started.stdout();
    const said = `${started.stdout()}${started.stderr()}`;
    throw new Error(`on ${name}: ${words.join(" ")}: ${code ?? signal}\n${said}`);
  };
  const shell: Host["shell"] = (line, options) => run(["sh", "-c", line], options);
  const processes = () => listProcessesIn(pid).filter((entry) => !isOfTheHost(entry, pid));
  return {
    name,
    address,
    home,
    cable,
    start,
    shell,
    exists: async (path) =>
      (await shell(`test -e ${quote(path)} && echo yes || echo no`)).startsWith("yes"),
    read: (path) => run(["cat", path]),
    write: async (path, text, mode = "644") => {
      const folder = quote(path.slice(0, path.lastIndexOf("/")));
      const file = quote(path);
      await shell(`mkdir -p ${folder} && cat > ${file} && chmod ${mode} ${file}`, { stdin: text });
    },
    processes,
    listeners: () => {
      const tables = ["tcp", "tcp6"].map((table) =>
        readFileSync(`/proc/${pid}/net/${table}`, "utf8"),
      );
      return [...new Set(tables.flatMap(parseListeningPorts))].filter((port) => port !== 22);
    },
    signal: (target, signal) => {
      if (!processes().some((entry) => entry.pid === target)) {
        throw new Error(`process ${target} is not of ${name}`);
      }
      process.kill(target, signal);
    },
    countLogins: async () => {
      const log = await run(["cat", sshLog], { user: "root" });
      return log.match(/^Accepted publickey for /gm)?.length ?? 0;
    },
    startSshServer: async () => {
      await run(["/usr/sbin/sshd", "-E", sshLog], { user: "root" });
    },
    stopSshServer: async ({ sessions } = { sessions: false }) => {
      const line = "kill $(cat /run/sshd.pid); while test -e /run/sshd.pid; do sleep 0.01; done";
      await shell(line, { user: "root" });
      if (!sessions) return;
      for (const entry of processes().filter(isSession)) process.kill(entry.pid, "SIGKILL");
    },
    mountSmallDisk: async (path, megabytes) => {
      const words = `size=${megabytes}m,uid=1000,gid=1000,mode=755`;
      const line = `mkdir -p ${quote(path)} && mount -t tmpfs -o ${words} small ${quote(path)}`;
      await shell(line, { user: "root" });
    },
  };
}

interface StartInput {
  readonly pid: number;
  readonly words: readonly string[];
  readonly options: HostRunOptions;
  readonly place: string;
}

async function startThere({ pid, words, options, place }: StartInput): Promise<ProgramRun> {
  const { user = "bee", environment = {} } = options;
  const identity = user === "root" ? [] : ["--setuid=1000", "--setgid=1000"];
  const variables = {
    HOME: place,
    USER: user,
    LOGNAME: user,
    SHELL: "/bin/bash",
    PATH: searchPath,
    LANG: "C.UTF-8",
    ...environment,
  };
  const run = await runProgram({
    command: [
      "nsenter",
      `--target=${pid}`,
      "--mount",
      "--uts",
      "--net",
      "--pid",
      ...identity,
      "env",
      "-i",
      `--chdir=${place}`,
      ...Object.entries(variables).map(([name, value]) => `${name}=${value}`),
      ...words,
    ],
    environment: { PATH: process.env["PATH"] ?? searchPath },
    directory: "/",
    stdin: options.stdin,
    limitMs: options.limitMs,
  });
  return {
    ...run,
    // `nsenter` waits for the program and passes no signal on.
    signal: (name) => {
      const child = findChild(run.pid);
      if (child !== undefined) process.kill(child, name);
    },
  };
}

function listProcessesIn(pid: number): ProcessEntry[] {
  const namespace = namespaceOf(pid);
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name) || namespaceOf(Number(name)) !== namespace) return [];
    const entry = findProcess(Number(name));
    return entry === undefined || entry.state === "Z" ? [] : [entry];
  });
}

function namespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    // It ended between the listing and the look.
    return undefined;
  }
}

function isOfTheHost({ pid, parentPid, command }: ProcessEntry, first: number): boolean {
  if (pid === first) return true;
  return parentPid === first && (command === "cat" || command.includes("[listener]"));
}

function isSession({ command }: ProcessEntry): boolean {
  return command.startsWith("sshd: ");
}
