import type { Host, HostNetwork } from "@rbee/testkit";
import type { Row } from "../section.ts";
import { findMedian, renderRange } from "../statistics.ts";
import { hostSection } from "./host-section.ts";
import { keepHomes, openBareHosts } from "./open-hosts.ts";
import { requireTime, runKeeper } from "./run-keeper.ts";

const rounds = 3;
const emptyMaxMs = 60_000;
const fullMaxMs = 15_000;
const unchangedMaxMs = 2000;
const bytesPerMb = 1_048_576;

const phaseNames = [
  "add-node, with the queen's start where none ran",
  "install: connect, look what is there",
  "assemble the payload",
  "send Node's runtime",
  "send the rest",
  "unpack, verify, write the key",
] as const;

/** What one machine's installation took. */
interface Measured {
  readonly totalMs: number;
  readonly phasesMs: readonly number[];
  readonly payloadMb: number;
  /** What came in at the machine's network card. */
  readonly wireMb: number;
}

/** Two commands that turn a machine with an SSH server into a node. */
export const installSection = hostSection({
  name: "nodes-install",
  summary: "add-node and install on bare machines: empty cache, full cache, nothing changed",
  limitMs: 400_000,
  async run(bench) {
    const empty: Measured[] = [];
    const full: Measured[] = [];
    const unchanged: number[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const network = await openBareHosts(bench);
      const { mac, workstation } = network.hosts;
      empty.push(await measureInstallation(network, mac));
      unchanged.push((await runKeeper(network, installWords(mac))).durationMs);
      full.push(await measureInstallation(network, workstation));
      await runKeeper(network, ["queen", "stop"]);
      keepHomes(network);
      await network.close();
      const seconds = [empty.at(-1)?.totalMs, full.at(-1)?.totalMs, unchanged.at(-1)].map((value) =>
        ((value ?? Number.NaN) / 1000).toFixed(1),
      );
      const [first, second, third] = seconds;
      bench.tell(`round ${round}: empty ${first} s, full ${second} s, unchanged ${third} s`);
    }
    return [
      ...rowsOf("add-node + install, empty cache", empty, emptyMaxMs),
      ...rowsOf("add-node + install, full cache", full, fullMaxMs),
      {
        name: "install again, nothing changed",
        measured: `${renderSeconds(unchanged)} s`,
        target: `<= ${unchangedMaxMs / 1000} s`,
        isMet: findMedian(unchanged) <= unchangedMaxMs,
      },
    ];
  },
});

function installWords({ name }: Host): string[] {
  return ["setup", "install", "--node", name];
}

async function measureInstallation(network: HostNetwork, host: Host): Promise<Measured> {
  const { name } = host;
  const receivedBefore = await readReceivedBytes(host);
  const add = await runKeeper(network, ["setup", "add-node", "--name", name, "--ssh-host", name]);
  const install = await runKeeper(network, installWords(host));
  const wireMb = ((await readReceivedBytes(host)) - receivedBefore) / bytesPerMb;
  // The file is renamed and linked after its last byte was written, and keeps the time of that.
  const stat = await host.shell("stat -c %.9Y rbee/current/runtime/bin/node");
  const marks = [
    install.startedAtMs,
    requireTime(install, /\] assembling rbee/),
    requireTime(install, /\] sending rbee/),
    Number(stat) * 1000,
    requireTime(install, /\] unpacking rbee/),
    install.startedAtMs + install.durationMs,
  ];
  const phasesMs = marks.slice(1).map((mark, index) => mark - (marks[index] ?? Number.NaN));
  const payloadMb = Number(/([\d.]+) MB that it lacks/.exec(install.run.stderr())?.[1]);
  const totalMs = add.durationMs + install.durationMs;
  return { totalMs, phasesMs: [add.durationMs, ...phasesMs], payloadMb, wireMb };
}

// Of all network cards but the loopback, whose line begins with another name.
async function readReceivedBytes(host: Host): Promise<number> {
  const table = await host.shell("cat /proc/net/dev");
  return Number(/eth0:\s*(\d+)/.exec(table)?.[1]);
}

function rowsOf(name: string, measured: readonly Measured[], maxMs: number): Row[] {
  const totals = measured.map(({ totalMs }) => totalMs);
  const sendMs = measured.map(({ phasesMs }) => (phasesMs[3] ?? 0) + (phasesMs[4] ?? 0));
  const speeds = measured.map(
    ({ payloadMb }, index) => (payloadMb * 1000) / (sendMs[index] ?? Number.NaN),
  );
  return [
    {
      name,
      measured: `${renderSeconds(totals)} s`,
      target: `<= ${maxMs / 1000} s`,
      isMet: findMedian(totals) <= maxMs,
    },
    ...phaseNames.map((phase, index) => ({
      name: `... ${phase}`,
      measured: `${renderSeconds(measured.map(({ phasesMs }) => phasesMs[index] ?? Number.NaN))} s`,
    })),
    {
      name: "... payload, and how fast it went",
      measured: `${renderRange(pick(measured, "payloadMb"), 1)} MB, ${renderRange(speeds, 0)} MB/s`,
    },
    { name: "... on the wire", measured: `${renderRange(pick(measured, "wireMb"), 1)} MB` },
  ];
}

function pick(measured: readonly Measured[], field: "payloadMb" | "wireMb"): number[] {
  return measured.map((one) => one[field]);
}

function renderSeconds(values: readonly number[]): string {
  return renderRange(
    values.map((value) => value / 1000),
    2,
  );
}
