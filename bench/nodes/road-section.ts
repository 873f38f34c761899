import type { Host, HostNetwork } from "@rbee/testkit";
import type { Row } from "../section.ts";
import { renderRange } from "../statistics.ts";
import { hostSection } from "./host-section.ts";
import { openInstalledHosts } from "./open-hosts.ts";
import { readRoad, roadPhases } from "./read-road.ts";
import { firstTokenAt, runKeeper } from "./run-keeper.ts";

const coldRounds = 4;
const warmRounds = 6;

interface Cold {
  readonly totalMs: number;
  readonly phasesMs: readonly number[];
}

interface Figures {
  readonly cold: Cold[];
  readonly warm: number[];
}

/** The same prompt to this machine and to another one: from nothing, and when all is warm. */
export const roadSection = hostSection({
  name: "nodes-road",
  summary: "infer on another machine, from nothing to the first token and warm, beside localhost",
  limitMs: 300_000,
  async run(bench) {
    const network = await openInstalledHosts(bench);
    const mac: Figures = { cold: [], warm: [] };
    const local: Figures = { cold: [], warm: [] };
    for (let round = 1; round <= coldRounds; round += 1) {
      mac.cold.push(await measureCold(network, "mac"));
      local.cold.push(await measureCold(network, "localhost"));
      const [there, here] = [mac, local].map(({ cold }) => cold.at(-1)?.totalMs.toFixed(0));
      bench.tell(`cold ${round}: mac ${there} ms, localhost ${here} ms`);
    }
    for (const node of ["mac", "localhost"]) await infer(network, node);
    for (let round = 1; round <= warmRounds; round += 1) {
      mac.warm.push((await infer(network, "mac")).durationMs);
      local.warm.push((await infer(network, "localhost")).durationMs);
    }
    await runKeeper(network, ["queen", "stop"]);
    await network.close();
    return rowsOf(mac, local);
  },
});

async function infer(network: HostNetwork, node: string) {
  const words = ["infer", "--node", node, "--prompt", "write a short story"];
  return await runKeeper(network, [...words, "--max-tokens", "20"]);
}

async function measureCold(network: HostNetwork, name: string): Promise<Cold> {
  const { blep, mac } = network.hosts;
  const node: Host = name === "mac" ? mac : blep;
  for (const host of [blep, mac]) await host.shell("rm -rf .rbee/logs");
  const command = await infer(network, name);
  const phasesMs = await readRoad(network, node, command);
  await runKeeper(network, ["queen", "stop"]);
  return { totalMs: firstTokenAt(command) - command.startedAtMs, phasesMs };
}

function rowsOf(mac: Figures, local: Figures): Row[] {
  // The first time on a machine is another case: nothing is compiled or in the catalogue yet.
  const again = { mac: mac.cold.slice(1), local: local.cold.slice(1) };
  const total = (cold: readonly Cold[]) => cold.map(({ totalMs }) => totalMs);
  const both = (there: readonly number[], here: readonly number[]) =>
    `${renderRange(there, 0)} ms; localhost ${renderRange(here, 0)} ms`;
  const phase = (cold: readonly Cold[], index: number) =>
    cold.map(({ phasesMs }) => phasesMs[index] ?? Number.NaN);
  return [
    {
      name: "nothing runs -> first token, mac",
      measured: both(total(again.mac), total(again.local)),
    },
    ...roadPhases.map((name, index) => ({
      name: `... ${name}`,
      measured: both(phase(again.mac, index), phase(again.local, index)),
    })),
    {
      name: "the very first time there",
      measured: both(total(mac.cold.slice(0, 1)), total(local.cold.slice(0, 1))),
    },
    { name: "warm infer of 20 tokens, in all, mac", measured: both(mac.warm, local.warm) },
  ];
}
