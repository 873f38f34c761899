// Our engine against llama-server of the same release, same file, same slots and context, in turns
// within one run. Ratios above 1 are better than llama-server.
import { existsSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import type { BenchTarget } from "./bench-target.ts";
import { buildLlamaServer } from "./build-llama-server.ts";
import {
  measureCancel,
  measureDecode,
  measureDecodeWork,
  measureFirstToken,
  measurePrefixHit,
  measureStall,
  readResidentMb,
} from "./measures.ts";
import {
  type ServedModel,
  startEngineServer,
  startLlamaServer,
  startWorker,
} from "./start-target.ts";
import { ensureRandomModel, type ModelShape, modelShapes } from "./write-random-model.ts";

const repository = fileURLToPath(new URL("../../", import.meta.url));
const cacheFolder = `${repository}.cache/bench`;

interface Row {
  readonly name: string;
  readonly unit: string;
  readonly isHigherBetter: boolean;
  readonly target?: string;
  measure(target: BenchTarget, seed: number): Promise<number>;
}

interface Sitting {
  readonly shape: ModelShape;
  readonly slots: number;
  readonly contextSize: number;
  readonly rows: readonly Row[];
}

const decodeRow = (streams: number, tokensMax: number, target: string): Row => ({
  name: `${streams} stream${streams === 1 ? "" : "s"}`,
  unit: "tokens/s",
  isHigherBetter: true,
  target,
  measure: (one, seed) => measureDecode(one, { streams, tokensMax, temperature: 0 }, seed),
});
const sampledRow: Row = {
  name: "4 streams, sampled",
  unit: "tokens/s",
  isHigherBetter: true,
  measure: (one, seed) => measureDecode(one, { streams: 4, tokensMax: 48, temperature: 0.8 }, seed),
};
const workRow = (streams: number, tokensMax: number): Row => ({
  name: `processor time, ${streams} stream${streams === 1 ? "" : "s"}`,
  unit: "ms/token",
  isHigherBetter: false,
  measure: (one, seed) => measureDecodeWork(one, { streams, tokensMax, temperature: 0 }, seed),
});
const promptRow = (tokens: number): Row => ({
  name: `first token of ${tokens}`,
  unit: "ms",
  isHigherBetter: false,
  measure: (one, seed) => measureFirstToken(one, tokens, seed),
});
const prefixRow: Row = {
  name: "first token, 1024 cached",
  unit: "ms",
  isHigherBetter: false,
  target: ">= 1",
  measure: (one, seed) => measurePrefixHit(one, 1024, seed),
};
const stallRow: Row = {
  name: "pause of 3 while 1536 are read",
  unit: "ms",
  isHigherBetter: false,
  target: ">= 4",
  measure: async (one, seed) => (await measureStall(one, 1536, seed)).longestPauseMs,
};
const stallPromptRow: Row = {
  name: "first token of those 1536",
  unit: "ms",
  isHigherBetter: false,
  measure: async (one, seed) => (await measureStall(one, 1536, seed)).firstTokenMs,
};
const cancelRow: Row = {
  name: "cancel while decoding",
  unit: "ms",
  isHigherBetter: false,
  target: "<= 50 ms",
  measure: (one, seed) =>
    measureCancel(one, { promptTokens: 16, tokensMax: 1000, afterMs: 400 }, seed),
};
const cancelPromptRow: Row = {
  name: "cancel while 1900 are read",
  unit: "ms",
  isHigherBetter: false,
  target: "one chunk",
  measure: (one, seed) =>
    measureCancel(one, { promptTokens: 1900, tokensMax: 100, afterMs: 150 }, seed),
};
const memoryRow: Row = {
  name: "resident memory",
  unit: "MB",
  isHigherBetter: false,
  target: "<= 120 MB more",
  measure: async (one) => readResidentMb(one),
};

const sittings: readonly Sitting[] = [
  {
    shape: modelShapes["15m"],
    slots: 8,
    contextSize: 512,
    rows: [
      decodeRow(1, 160, ">= 0.8"),
      decodeRow(8, 96, ">= 0.7"),
      sampledRow,
      workRow(1, 160),
      workRow(8, 96),
    ],
  },
  {
    shape: modelShapes["160m"],
    slots: 8,
    contextSize: 512,
    rows: [
      decodeRow(1, 64, ">= 1.2"),
      decodeRow(8, 32, ">= 1.2"),
      sampledRow,
      workRow(1, 64),
      workRow(8, 32),
    ],
  },
  {
    shape: modelShapes["160m"],
    slots: 4,
    contextSize: 2048,
    rows: [promptRow(512), stallRow, stallPromptRow],
  },
  {
    shape: modelShapes["160m"],
    slots: 1,
    contextSize: 2048,
    rows: [prefixRow, cancelRow, cancelPromptRow, memoryRow],
  },
];

const { values: flags } = parseArgs({
  options: {
    "llama-server": { type: "string" },
    build: { type: "boolean", default: false },
    rounds: { type: "string", default: "3" },
    /** Which sitting, by number from 0. */
    only: { type: "string" },
    /** Which rows, by a part of their names. */
    row: { type: "string", default: "" },
    /** For both; without it llama-server gets all cores and rbee chooses. */
    threads: { type: "string" },
    /** The engine behind a bare HTTP server instead of the worker. */
    bare: { type: "boolean", default: false },
  },
});

await runBench();

async function runBench(): Promise<void> {
  const binary = findLlamaServer();
  if (binary === undefined) {
    write("llama-server rows are skipped: give --llama-server <path> or --build to build it once.");
  }
  const load = loadavg()[0]?.toFixed(1) ?? "?";
  write(`Node ${process.version}, ${availableParallelism()} cores, load ${load}`);
  for (const [index, sitting] of sittings.entries()) {
    if (flags.only === undefined || flags.only === String(index)) await sit(sitting, binary);
  }
}

function findLlamaServer(): string | undefined {
  const given = flags["llama-server"] ?? process.env["LLAMA_SERVER"];
  if (given !== undefined) return given;
  const built = `${cacheFolder}/llama.cpp/build/bin/llama-server`;
  if (existsSync(built)) return built;
  return flags.build ? buildLlamaServer(repository, `${cacheFolder}/llama.cpp`) : undefined;
}

async function sit(sitting: Sitting, binary: string | undefined): Promise<void> {
  const { shape, slots, contextSize } = sitting;
  const tokenizerModel = `${repository}models/hello-bee/hello-bee-3m-f16.gguf`;
  const modelPath = ensureRandomModel(shape, cacheFolder, tokenizerModel);
  const threads = flags.threads === undefined ? undefined : Number(flags.threads);
  const served: ServedModel = { modelPath, slots, contextSize, threads };
  const rows = sitting.rows.filter(({ name }) => name.includes(flags.row));
  if (rows.length === 0) return;
  const targets = [
    flags.bare
      ? await startEngineServer(served)
      : await startWorker(served, `${cacheFolder}/worker-home`),
  ];
  try {
    if (binary !== undefined) targets.push(await startLlamaServer(binary, served));
    write(`\n${shape.name}, ${slots} slots of ${contextSize} tokens`);
    for (const [index, row] of rows.entries()) {
      write(await measureRow(row, targets, 1000 * (index + 1)));
    }
  } finally {
    for (const target of targets) await target.stop();
  }
}

// Every row begins at another seed: words read for one row are no cached prefix in the next.
async function measureRow(
  row: Row,
  targets: readonly BenchTarget[],
  firstSeed: number,
): Promise<string> {
  const results = targets.map((): number[] => []);
  for (const target of targets) await row.measure(target, firstSeed);
  for (let round = 0; round < Number(flags.rounds); round += 1) {
    for (const [index, target] of targets.entries()) {
      results[index]?.push(await row.measure(target, firstSeed + 1 + round));
    }
  }
  const cells = targets.map(({ name }, index) => `${name} ${renderRange(results[index] ?? [])}`);
  return [row.name.padEnd(32), ...cells.map((cell) => cell.padEnd(40)), renderRatio(row, results)]
    .join(" ")
    .trimEnd();
}

function renderRatio(row: Row, results: readonly (readonly number[])[]): string {
  const [ours, theirs] = results.map((values) => findMedian(values));
  if (ours === undefined || theirs === undefined) return row.unit;
  const ratio = row.isHigherBetter ? ours / theirs : theirs / ours;
  const goal = row.target === undefined ? "" : ` (goal ${row.target})`;
  return `${row.unit}, ratio ${ratio.toFixed(2)}${goal}`;
}

function renderRange(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return `${findMedian(values).toFixed(1)} [${low.toFixed(1)}..${high.toFixed(1)}]`;
}

function findMedian(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
