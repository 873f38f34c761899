import { join } from "node:path";
import { placementLimits } from "@rbee/contract";
import type { PlacementExplanation, TaskEvent } from "@rbee/contract";
import type { QueenClient } from "@rbee/sdk";
import { writeLlamaModel } from "@rbee/testkit";
import { modelFolder, openTwoNodes, tokenizerModel } from "../affinity/open-two-nodes.ts";
import type { Bench, Row, Section } from "../section.ts";
import { findMedian } from "../statistics.ts";
import { watchStays } from "./watch-stays.ts";

const names = ["amber", "birch", "cedar"] as const;
const sustainedMs = 300_000;
const agreedMin = 0.9;
const stayBoundMs = placementLimits.eviction.residencyMs / 4;

// About 220 MB of weights, which take no room on the disk; a worker holds about 400 MB.
const shape = {
  layers: 2,
  width: 1536,
  heads: 16,
  feedForwardWidth: 19_456,
  vocabularySize: 8192,
  contextLength: 256,
  isTied: true,
  weightType: "Q8_0",
  fill: "zeros",
} as const;
const settings = { hive: { memory_limit_mb: 500 }, worker: { slots: 1, threads: 1 } };

/** Three models that take turns in memory for two. */
export const threeModelsSection: Section = {
  name: "three-models",
  summary: "three clients with a model each on two nodes with memory for one model each, 5 minutes",
  isLong: true,
  limitMs: sustainedMs + 300_000,
  async run(bench) {
    const { queen } = await openTwoNodes(bench, settings);
    const stays = watchStays(queen, bench.signal);
    const endsAtMs = performance.now() + sustainedMs;
    const seen = await Promise.all(
      names.map((name) => keepAsking(bench, { queen, name, endsAtMs })),
    );
    return rowsOf(seen, await stays.stop());
  },
};

interface Client {
  readonly queen: QueenClient;
  readonly name: string;
  readonly endsAtMs: number;
}

interface Seen {
  readonly name: string;
  readonly waitsMs: number[];
  readonly failures: string[];
  evictions: number;
  agreed: number;
}

async function keepAsking(bench: Bench, { queen, name, endsAtMs }: Client): Promise<Seen> {
  const path = join(modelFolder, `three-${name}.gguf`);
  await writeLlamaModel(path, { ...shape, name }, tokenizerModel);
  const model = `file:${path}`;
  const seen: Seen = { name, waitsMs: [], failures: [], evictions: 0, agreed: 0 };
  while (performance.now() < endsAtMs) {
    const explained = await queen.call("explainPlacement", { query: { model } });
    const askedAtMs = performance.now();
    const { events, firstTokenAtMs } = await ask(bench, queen, model);
    const last = events.at(-1);
    if (last?.type === "error") seen.failures.push(last.error.code);
    else seen.waitsMs.push((firstTokenAtMs ?? performance.now()) - askedAtMs);
    const stopped = targetsOf(events, "evict-worker");
    seen.evictions += stopped.length;
    if (isAsExplained(explained, events)) seen.agreed += 1;
    else bench.tell(`${name}: explained ${explained.choice.kind}, then ${firstStep(events)}`);
    if (stopped.length > 0) bench.tell(`${name}: ${stopped.join(", ")} had to go`);
  }
  return seen;
}

async function ask(bench: Bench, queen: QueenClient, model: string) {
  const events: TaskEvent[] = [];
  let firstTokenAtMs: number | undefined;
  const body = { model, prompt: "Once upon a time", max_tokens: 4 };
  for await (const event of await queen.stream("createTask", { body, signal: bench.signal })) {
    if (event.type === "token") firstTokenAtMs ??= performance.now();
    events.push(event);
  }
  return { events, firstTokenAtMs };
}

function targetsOf(events: readonly TaskEvent[], action: string): string[] {
  return events.flatMap((event) =>
    event.type === "narration" && event.action === action ? [event.target ?? ""] : [],
  );
}

const steps: Readonly<Record<string, string>> = {
  "choose-worker": "use",
  "evict-worker": "evict",
  queue: "wait",
  spawn: "spawn",
};

function firstStep(events: readonly TaskEvent[]): string | undefined {
  const actions = events.flatMap((event) => (event.type === "narration" ? [event.action] : []));
  return actions.map((action) => steps[action]).find((step) => step !== undefined);
}

// The first thing that happened is what was explained a moment before, to the same worker.
function isAsExplained({ choice }: PlacementExplanation, events: readonly TaskEvent[]): boolean {
  if (choice.kind !== firstStep(events)) return false;
  if (choice.kind === "use") return targetsOf(events, "choose-worker")[0] === choice.worker_id;
  if (choice.kind !== "evict") return true;
  return (
    targetsOf(events, "evict-worker").join() === choice.stops.map((one) => one.worker_id).join()
  );
}

function rowsOf(seen: readonly Seen[], staysMs: readonly number[]): Row[] {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const sum = (figure: (one: Seen) => number) => seen.reduce((all, one) => all + figure(one), 0);
  const asked = sum(({ waitsMs, failures }) => waitsMs.length + failures.length);
  const failures = seen.flatMap((one) => one.failures);
  const agreed = sum((one) => one.agreed) / asked;
  const shortestMs = Math.min(...staysMs);
  return [
    ...seen.map(({ name, waitsMs }) => ({
      name: `${name}: answered, median and longest wait for the first token`,
      measured: `${waitsMs.length}, ${seconds(findMedian(waitsMs))}, ${seconds(Math.max(...waitsMs))}`,
      target: "> 0",
      isMet: waitsMs.length > 0,
    })),
    {
      name: "requests that failed",
      measured: failures.length === 0 ? "0" : `${failures.length}: ${failures.join(", ")}`,
      target: "0",
      isMet: failures.length === 0,
    },
    {
      name: "evictions; shortest stay of a worker in memory",
      measured: `${sum(({ evictions }) => evictions)}; ${seconds(shortestMs)}`,
      target: `stay >= ${seconds(stayBoundMs)}`,
      isMet: shortestMs >= stayBoundMs,
    },
    {
      name: "requests that went as explain had said a moment before",
      measured: `${(agreed * 100).toFixed(1)} % of ${asked}`,
      target: `>= ${agreedMin * 100} %`,
      isMet: agreed >= agreedMin,
    },
  ];
}
