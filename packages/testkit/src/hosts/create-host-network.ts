import { execFileSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { programCommand } from "@rbee/settings";
import type { Installation, ProgramName } from "@rbee/settings";
import { eventually } from "../eventually.ts";
import type { ProgramRun } from "../run-program.ts";
import { testedInstallation } from "../tested-installation.ts";
import { cableOf, gatewayNumber, plugIn } from "./cables.ts";
import { ensureDebian } from "./ensure-debian.ts";
import type { Debian } from "./ensure-debian.ts";
import { createHost } from "./host.ts";
import type { Host, HostRunOptions } from "./host.ts";
import { hostScript } from "./host-script.ts";
import { startNamespace } from "./start-namespace.ts";
import { takeSubnet } from "./take-subnet.ts";
import type { Subnet } from "./take-subnet.ts";

export const hostNames = ["blep", "workstation", "mac"] as const;
export type HostName = (typeof hostNames)[number];

export interface HostNetworkOptions {
  /** The copy of rbee that the person at blep has; ours by default. */
  readonly installationRoot?: string | undefined;
  /** A folder that `saveHomes` has filled: the hosts begin with those homes. */
  readonly homes?: string | undefined;
  /** Folders of this machine that all hosts see at the same path, to be read only. */
  readonly binds?: readonly string[];
}

/**
 * Three machines on a network of their own: `blep`, where the person sits and the installation is,
 * and two with nothing but Debian and an SSH server. The person `bee` can log in from blep to both.
 */
export interface HostNetwork extends AsyncDisposable {
  readonly hosts: Readonly<Record<HostName, Host>>;
  /** Where the hosts find what listens on this machine; they call it `hub`. */
  readonly gateway: string;
  readonly installation: Installation;
  /** An address of the network that no machine has. */
  readonly nobody: string;
  /** Starts one of our programs on blep. */
  readonly start: (
    program: ProgramName,
    words: readonly string[],
    options?: HostRunOptions,
  ) => Promise<ProgramRun>;
  /** Runs the keeper on blep to its end. */
  readonly keeper: (words: readonly string[], options?: HostRunOptions) => Promise<ProgramRun>;
  /** What of rbee, or of SSH between the hosts, is on any host after `graceMs`; one line each. */
  readonly findLeft: (graceMs?: number) => Promise<string[]>;
  /** Keeps the homes of all hosts for another network. */
  readonly saveHomes: (folder: string) => void;
  /** Ends all hosts and everything on them. */
  readonly close: () => Promise<void>;
}

const repository = join(import.meta.dirname, "../../../..");
const diskSize = "6g";
const leftGraceDefaultMs = 12_000;

/** Needs root on Linux, see `hostNetworkObstacles`. */
export async function createHostNetwork(options: HostNetworkOptions = {}): Promise<HostNetwork> {
  const debian = await ensureDebian();
  const installation = testedInstallation(options.installationRoot);
  const subnet = takeSubnet();
  const ends: (() => Promise<void>)[] = [];
  const close = async () => {
    await Promise.all(ends.map((end) => end()));
    subnet.release();
  };
  try {
    const network = await startAll({ debian, installation, subnet, options }, ends);
    return { ...network, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Parts {
  readonly debian: Debian;
  readonly installation: Installation;
  readonly subnet: Subnet;
  readonly options: HostNetworkOptions;
}

async function startAll(
  parts: Parts,
  ends: (() => Promise<void>)[],
): Promise<Omit<HostNetwork, "close" | typeof Symbol.asyncDispose>> {
  const { subnet, installation } = parts;
  const start = async (what: string, kinds: readonly string[], script: string) => {
    const namespace = await startNamespace({ what, kinds, script });
    ends.push(namespace.end);
    return namespace.pid;
  };
  const kinds = ["--net", "--mount", "--uts", "--pid", "--propagation", "private"];
  const [switchPid, ...pids] = await Promise.all([
    start("the switch", ["--net"], "echo ready; cat >/dev/null; exit 0"),
    ...hostNames.map((name) => start(name, kinds, scriptOf(parts, name))),
  ]);
  const plugs = hostNames.map((name, index) => ({
    name,
    number: index + 1,
    pid: pids[index] ?? 0,
  }));
  plugIn(subnet, switchPid, plugs);
  const made = plugs.map(({ name, number, pid }) =>
    createHost({
      name,
      address: subnet.addressOf(number),
      pid,
      cable: cableOf(name, pid, switchPid),
    }),
  );
  const [blep, workstation, mac] = made as [Host, Host, Host];
  await Promise.all(made.map((host) => host.startSshServer()));
  const startProgram: HostNetwork["start"] = (program, words, run) =>
    blep.start([...programCommand(installation, program), ...words], run);
  return {
    hosts: { blep, workstation, mac },
    gateway: subnet.addressOf(gatewayNumber),
    nobody: subnet.addressOf(99),
    installation,
    start: startProgram,
    keeper: async (words, run) => {
      const started = await startProgram("rbee-keeper", words, run);
      await started.ended;
      return started;
    },
    findLeft: (graceMs = leftGraceDefaultMs) => findLeft(made, graceMs),
    saveHomes: (folder) =>
      made.forEach((host, index) => saveHome(host, plugs[index]?.pid ?? 0, folder)),
  };
}

function scriptOf(parts: Parts, name: HostName): string {
  const { debian, installation, subnet, options } = parts;
  const stage = join(subnet.folder, name, "stage");
  const seed = join(subnet.folder, name, "seed");
  mkdirSync(stage, { recursive: true });
  writeSeed(parts, name, seed);
  const saved = options.homes === undefined ? [] : [join(options.homes, name)];
  const own = name === "blep" ? [resolve(repository), installation.root] : [];
  const binds = [...own, ...(options.binds ?? [])];
  return hostScript({
    name,
    stage,
    layers: [seed, ...saved.filter(existsSync), debian.root],
    binds: binds.filter((path, index) => !isWithin(path, binds.slice(0, index))),
    diskSize,
  });
}

function isWithin(path: string, others: readonly string[]): boolean {
  return others.some((other) => path === other || path.startsWith(`${other}/`));
}

// What tells one host from another: its name, its key, who may log in, the person's own key.
function writeSeed({ debian, subnet }: Parts, name: HostName, seed: string): void {
  const keyFile = (key: string) => readFileSync(join(debian.keys, key));
  const files: Readonly<Record<string, string | Buffer>> = {
    "etc/hostname": `${name}\n`,
    "etc/hosts": [
      "127.0.0.1 localhost",
      ...hostNames.map((host, index) => `${subnet.addressOf(index + 1)} ${host}`),
      `${subnet.addressOf(gatewayNumber)} hub`,
      "",
    ].join("\n"),
    "etc/ssh/ssh_host_ed25519_key": keyFile(`host-${name}`),
    "etc/ssh/ssh_host_ed25519_key.pub": keyFile(`host-${name}.pub`),
    ...(name === "blep"
      ? {
          "home/bee/.ssh/id_ed25519": keyFile("person"),
          "home/bee/.ssh/id_ed25519.pub": keyFile("person.pub"),
          "home/bee/.ssh/stranger": keyFile("stranger"),
        }
      : { "home/bee/.ssh/authorized_keys": keyFile("person.pub") }),
  };
  for (const [path, content] of Object.entries(files)) {
    const file = join(seed, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, { mode: /_key$|\.ssh\/(?!.*\.pub)/.test(path) ? 0o600 : 0o644 });
    if (path.startsWith("home/bee/")) chownSync(file, 1000, 1000);
  }
  for (const folder of ["home/bee", "home/bee/.ssh"]) chownSync(join(seed, folder), 1000, 1000);
}

async function findLeft(hosts: readonly Host[], graceMs: number): Promise<string[]> {
  const look = () =>
    hosts.flatMap((host) => [
      ...host.processes().map((entry) => `${host.name}: process ${entry.pid} ${entry.command}`),
      ...host.listeners().map((port) => `${host.name}: port ${port} is still bound`),
    ]);
  await eventually(() => look().length === 0, { timeoutMs: graceMs, intervalMs: 100 }).catch(
    () => {},
  );
  return look();
}

// As it is, with owners, modes and links.
function saveHome(host: Host, pid: number, folder: string): void {
  const to = join(folder, host.name, "home");
  mkdirSync(to, { recursive: true });
  execFileSync("cp", ["-a", `/proc/${pid}/root${host.home}`, to]);
}
