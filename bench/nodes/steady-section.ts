import { setTimeout as wait } from "node:timers/promises";
import type { Host, HostNetwork } from "@rbee/testkit";
import { readCpuMs, readMemory } from "../process-figures.ts";
import type { Row } from "../section.ts";
import { findMedian, renderRange } from "../statistics.ts";
import { hostSection } from "./host-section.ts";
import { openInstalledHosts, remoteNames } from "./open-hosts.ts";
import { runKeeper } from "./run-keeper.ts";

const windowMs = 20_000;
const windows = 3;
const settleMs = 10_000;
const bytesPerMb = 1_048_576;
// Heartbeats of three hives, three live streams, and the kernel's own work for them.
const cpuMaxPercent = 0.5;
const sshPort = 22;
const hivePort = 9200;

/** Three nodes with a worker each, and nobody asks anything. */
export const steadySection = hostSection({
  name: "nodes-steady",
  summary: "logins, processor time and memory with three nodes while nothing happens",
  limitMs: 300_000,
  async run(bench) {
    const network = await openInstalledHosts(bench);
    const { blep } = network.hosts;
    for (const node of ["localhost", ...remoteNames]) {
      await runKeeper(network, ["infer", "--node", node, "--prompt", "hello"]);
    }
    await wait(settleMs, undefined, { signal: bench.signal });
    const queen = requireProcess(blep, "queen-rbee");
    const hive = requireProcess(network.hosts.mac, "rbee-hive");
    const loginsBefore = await countLogins(network);
    const cpu = { queen: [] as number[], hive: [] as number[] };
    for (let window = 1; window <= windows; window += 1) {
      const before = { queen: readCpuMs(queen), hive: readCpuMs(hive) };
      await wait(windowMs, undefined, { signal: bench.signal });
      cpu.queen.push(((readCpuMs(queen) - before.queen) / windowMs) * 100);
      cpu.hive.push(((readCpuMs(hive) - before.hive) / windowMs) * 100);
      bench.tell(`${window}: queen ${cpu.queen.at(-1)?.toFixed(2)} % of a core`);
    }
    const logins = (await countLogins(network)) - loginsBefore;
    const rows = [
      ...trafficRows(logins, cpu),
      ...memoryRows(network, { queen, hive }),
      ...(await connectionRows(blep)),
    ];
    await runKeeper(network, ["queen", "stop"]);
    await network.close();
    return rows;
  },
});

function trafficRows(
  logins: number,
  cpu: { readonly queen: readonly number[]; readonly hive: readonly number[] },
): Row[] {
  const seconds = (windowMs / 1000) * windows;
  return [
    {
      name: "new SSH logins on mac and workstation",
      measured: `${logins} in ${seconds} s`,
      target: "0",
      isMet: logins === 0,
    },
    {
      name: `CPU of the queen over ${seconds} s`,
      measured: `${renderRange(cpu.queen, 2)} % of a core`,
      target: `about 0 (<= ${cpuMaxPercent} %)`,
      isMet: findMedian(cpu.queen) <= cpuMaxPercent,
    },
    { name: "... of the hive on mac", measured: `${renderRange(cpu.hive, 2)} % of a core` },
  ];
}

interface Watched {
  readonly queen: number;
  readonly hive: number;
}

function memoryRows({ hosts }: HostNetwork, { queen, hive }: Watched): Row[] {
  const resident = (pid: number) => readMemory(pid).residentBytes / bytesPerMb;
  const clients = listSshProcesses(hosts.blep);
  const clientMb = clients.map(resident);
  const sum = clientMb.reduce((total, one) => total + one, 0);
  return [
    { name: "resident: queen", measured: `${resident(queen).toFixed(0)} MB` },
    { name: "... hive on mac", measured: `${resident(hive).toFixed(0)} MB` },
    {
      name: "... ssh processes of the queen",
      measured: `${clients.length} with ${sum.toFixed(0)} MB`,
    },
  ];
}

async function connectionRows(blep: Host): Promise<Row[]> {
  const table = await blep.shell("cat /proc/net/tcp");
  const count = (port: number) => listConnections(table).filter((one) => one === port).length;
  return [
    {
      name: "connections from blep to SSH servers",
      measured: String(count(sshPort)),
      target: `${remoteNames.length}, one for each node`,
      isMet: count(sshPort) === remoteNames.length,
    },
    { name: "... to hives elsewhere", measured: String(count(hivePort)) },
  ];
}

// The ports at the other end of established connections to other machines.
function listConnections(table: string): number[] {
  const isEstablished = "01";
  const isLoopback = /^0100007F/;
  return table
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , remote = "", state]) => state === isEstablished && !isLoopback.test(remote))
    .map(([, , remote = ""]) => Number.parseInt(remote.split(":")[1] ?? "", 16));
}

function listSshProcesses(host: Host): number[] {
  return host
    .processes()
    .filter(({ command }) => /^ssh\b/.test(command))
    .map(({ pid }) => pid);
}

function requireProcess(host: Host, program: "queen-rbee" | "rbee-hive"): number {
  const found = host.processes().find((entry) => entry.program === program);
  if (found === undefined) throw new Error(`${host.name} runs no ${program}`);
  return found.pid;
}

async function countLogins({ hosts }: HostNetwork): Promise<number> {
  const counts = await Promise.all(remoteNames.map((name) => hosts[name].countLogins()));
  return counts.reduce((sum, one) => sum + one, 0);
}
