import type { Host, HostNetwork } from "@rbee/testkit";
import { ensureRandomModel, modelShapes } from "../engine/write-random-model.ts";
import type { Bench, Row } from "../section.ts";
import { findMedian, renderRange } from "../statistics.ts";
import { hostSection } from "./host-section.ts";
import { openInstalledHosts } from "./open-hosts.ts";
import { listLines, runKeeper, startKeeper } from "./run-keeper.ts";
import type { Command } from "./run-keeper.ts";
import { watchState } from "./state-watch.ts";
import type { StateSeen, StateWatch } from "./state-watch.ts";
import { join } from "node:path";

const rounds = 3;
const modelFolder = join(import.meta.dirname, "../../.cache/bench");
const tokenizerModel = join(import.meta.dirname, "../../models/hello-bee/hello-bee-3m-q8_0.gguf");

interface Fault {
  readonly name: string;
  readonly maxMs: number;
  readonly strike: (mac: Host) => void;
  /** What the live state says once it is noticed. */
  readonly isNoticed: (state: StateSeen, before: StateSeen) => boolean;
  /** Makes it good again; returns when it began to. */
  readonly mend: (mac: Host) => number;
  readonly isBack: (state: StateSeen, before: StateSeen) => boolean;
  readonly backName: string;
}

const faults: readonly Fault[] = [
  {
    name: "worker killed",
    maxMs: 1000,
    strike: (mac) => kill(mac, "llm-worker-rbee"),
    isNoticed: isWorkerGone,
    mend: () => Date.now(),
    isBack: (state, before) => workersOf(state).some(isNew(before)),
    backName: "... another worker is ready, by itself",
  },
  {
    name: "hive killed",
    maxMs: 5000,
    strike: (mac) => kill(mac, "rbee-hive"),
    isNoticed: isWorkerGone,
    mend: () => Date.now(),
    isBack: (state, before) => workersOf(state).some(isNew(before)),
    backName: "... the next prompt has its worker",
  },
  {
    name: "cable cut",
    maxMs: 15_000,
    strike: (mac) => mac.cable.cut(),
    isNoticed: (state) => state.nodes["mac"] === "unreachable",
    mend: (mac) => {
      mac.cable.mend();
      return Date.now();
    },
    isBack: (state) => state.nodes["mac"] === "reachable",
    backName: "... mended: it is there again",
  },
];

interface Noticed {
  readonly stateMs: number;
  readonly personMs: number;
  readonly endMs: number;
  readonly backMs: number;
}

/** How soon it is seen, and by whom, that something on another machine is no more. */
export const noticeSection = hostSection({
  name: "nodes-notice",
  summary: "worker, hive, machine gone in the middle of an answer: when it is noticed, and back",
  limitMs: 600_000,
  async run(bench) {
    const path = ensureRandomModel(modelShapes["160m"], modelFolder, tokenizerModel);
    const network = await openInstalledHosts(bench, [modelFolder]);
    await runKeeper(network, ["hive", "start", "--node", "mac"]);
    const watch = await watchState(network);
    const words = ["infer", "--node", "mac", "--model", `file:${path}`, "--raw"];
    const ask = { words: [...words, "--prompt", "hello", "--temperature", "0"], network, watch };
    const rows: Row[] = [];
    for (const fault of faults) {
      const seen: Noticed[] = [];
      for (let round = 1; round <= rounds; round += 1) {
        seen.push(await measure(fault, ask, round === 1 ? bench : undefined));
        bench.tell(`${fault.name} ${round}: ${JSON.stringify(seen.at(-1))}`);
      }
      rows.push(...rowsOf(fault, seen));
    }
    await runKeeper(network, ["queen", "stop"]);
    await network.close();
    return rows;
  },
});

interface Ask {
  readonly words: readonly string[];
  readonly network: HostNetwork;
  readonly watch: StateWatch;
}

async function measure(
  fault: Fault,
  { words, network, watch }: Ask,
  bench: Bench | undefined,
): Promise<Noticed> {
  const { mac } = network.hosts;
  const person = await startKeeper(network, [...words, "--max-tokens", "4000"]);
  await person.run.waitForOutput({ stream: "stdout", pattern: /.{40}/s });
  const before = watch.latest();
  const struckAt = Date.now();
  fault.strike(mac);
  const what = `the notice of: ${fault.name}`;
  const noticedAt = await watch.waitFor((state) => fault.isNoticed(state, before), {
    sinceMs: struckAt,
    what,
  });
  const { durationMs } = await person.run.ended;
  const told = listTold(person, struckAt);
  if (bench !== undefined) tellLines(bench, fault.name, { told, struckAt });
  const mendedAt = fault.mend(mac);
  const backAt = await returnOf(fault, { words, network, watch }, { before, mendedAt });
  return {
    stateMs: noticedAt - struckAt,
    personMs: (told[0]?.atMs ?? Number.NaN) - struckAt,
    endMs: person.startedAtMs + durationMs - struckAt,
    backMs: backAt - mendedAt,
  };
}

interface Return {
  readonly before: StateSeen;
  readonly mendedAt: number;
}

async function returnOf(
  fault: Fault,
  { words, network, watch }: Ask,
  { before, mendedAt }: Return,
): Promise<number> {
  const isAsked = fault.name === "hive killed";
  const asked = isAsked
    ? runKeeper(network, [...words, "--max-tokens", "1"])
    : Promise.resolve(undefined);
  const backAt = await watch.waitFor((state) => fault.isBack(state, before), {
    sinceMs: mendedAt,
    what: `the return after: ${fault.name}`,
  });
  await asked;
  return backAt;
}

function kill(host: Host, program: "llm-worker-rbee" | "rbee-hive"): void {
  const found = host.processes().find((entry) => entry.program === program);
  if (found === undefined) throw new Error(`${host.name} runs no ${program}`);
  host.signal(found.pid, "SIGKILL");
}

function workersOf(state: StateSeen) {
  return state.workers.filter(({ node }) => node === "mac");
}

function isWorkerGone(state: StateSeen, before: StateSeen): boolean {
  const ids = workersOf(state).map(({ id }) => id);
  return workersOf(before).every(({ id }) => !ids.includes(id));
}

function isNew(before: StateSeen) {
  const ids = before.workers.map(({ id }) => id);
  return ({ id, state }: { readonly id: string; readonly state: string }) =>
    !ids.includes(id) && (state === "idle" || state === "busy");
}

function listTold(person: Command, sinceMs: number) {
  return listLines(person).filter(
    ({ stream, atMs, text }) => stream === "stderr" && atMs >= sinceMs && text.trim() !== "",
  );
}

interface Told {
  readonly told: ReturnType<typeof listTold>;
  readonly struckAt: number;
}

function tellLines(bench: Bench, name: string, { told, struckAt }: Told): void {
  bench.tell(`what the person at \`infer\` reads after: ${name}`);
  for (const { atMs, text } of told) {
    bench.tell(`${String(Math.round(atMs - struckAt)).padStart(8)} ms  ${text}`);
  }
}

function rowsOf(fault: Fault, seen: readonly Noticed[]): Row[] {
  const { name, maxMs, backName } = fault;
  const pick = (field: keyof Noticed) => seen.map((one) => one[field]);
  const render = (field: keyof Noticed) => `${renderRange(pick(field), 0)} ms`;
  const row = (label: string, field: keyof Noticed): Row => ({
    name: label,
    measured: render(field),
    target: `<= ${maxMs / 1000} s`,
    isMet: findMedian(pick(field)) <= maxMs,
  });
  return [
    row(`${name}: /v2/events says it`, "stateMs"),
    row("... the person at `infer` reads it", "personMs"),
    { name: "... that command has ended", measured: render("endMs") },
    { name: backName, measured: render("backMs") },
  ];
}
