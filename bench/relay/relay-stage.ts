import { createRequire } from "node:module";
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { eventually, runProgram } from "@rbee/testkit";
import type { Box } from "@rbee/testkit";
import type { Bench } from "../section.ts";
import type { LoadOrder, LoadResult } from "./load-order.ts";
import { startNginx } from "./start-nginx.ts";

export type Road = "queen" | "pipe" | "nginx" | "worker";

interface Load {
  readonly streams: number;
  readonly readsStamps: boolean;
  readonly windowMs?: number;
}

export interface RelayStage {
  /** The same streams from the same worker, over one of the roads. */
  readonly run: (road: Road, load: Load) => Promise<LoadResult>;
}

export interface StageOptions {
  readonly installationRoot: string;
  /** Between two tokens of one stream. */
  readonly tokenMs: number;
  readonly streamsMax: number;
  /** Words for the scripted worker besides its pace. */
  readonly script?: readonly string[];
}

interface Worker {
  readonly url: string;
  readonly key: string;
  readonly pid: number;
}

const settleMs = 500;
const windowDefaultMs = 4000;
// Tokens last longer than the window, also when the streams open slowly.
const spareMs = 2500;
const spareMsPerStream = 20;
const runMarginMs = 60_000;
const model = "hello-bee";

/** A queen with a hive and a worker that makes tokens at a set pace; a bare pipe and nginx beside. */
export async function openRelayStage(bench: Bench, options: StageOptions): Promise<RelayStage> {
  const box = await bench.openBox({ installationRoot: options.installationRoot });
  box.configure({
    worker: { manifest: writeManifest(box, options) },
    queen: { queue_limit: options.streamsMax },
  });
  const queen = await box.startQueenAsOperator();
  await spawnWorker(box);
  const worker = await findWorker(box);
  const pipe = await startPipe(bench, worker.url);
  const folder = join(box.root, "nginx");
  const nginx = await startNginx({ bench, folder, upstreamUrl: worker.url });
  const direct = { authorization: `Bearer ${worker.key}` };
  const roads = {
    queen: { url: `http://127.0.0.1:${box.queenPort}/v2/tasks`, headers: {}, pid: queen.pid },
    pipe: { url: `${pipe.url}/v1/inference`, headers: direct, pid: pipe.pid },
    nginx: { url: `${nginx.url}/v1/inference`, headers: direct, pid: nginx.pid },
    worker: { url: `${worker.url}/v1/inference`, headers: direct, pid: worker.pid },
  };
  return {
    async run(road, { streams, readsStamps, windowMs = windowDefaultMs }) {
      await waitUntilIdle(box);
      const { url, headers, pid } = roads[road];
      const openMs = settleMs + windowMs + spareMs + streams * spareMsPerStream;
      const tokensMax = Math.ceil(openMs / options.tokenMs);
      const question = { prompt: "write a short story", max_tokens: tokensMax };
      const result = await runLoad(bench, {
        url,
        headers,
        body: road === "queen" ? { ...question, model } : question,
        streams,
        settleMs,
        windowMs,
        watchedPids: [pid, worker.pid],
        readsStamps,
      });
      if (result.streamsWhole === streams) return result;
      throw new Error(`${streams - result.streamsWhole} of ${streams} streams broke over ${road}`);
    },
  };
}

function writeManifest(box: Box, { tokenMs, streamsMax, script = [] }: StageOptions): string {
  const testkit = createRequire(import.meta.url).resolve("@rbee/testkit");
  const program = join(testkit, "../scripted-worker.ts");
  const words = ["--layers", "1", "--layer-ms", "1", "--stamp-tokens", ...script];
  const command = [process.execPath, program, ...words];
  // A slot is given back a moment after its stream has ended.
  const slots = Math.ceil(streamsMax * 1.1);
  command.push("--token-ms", String(tokenMs), "--offer-slots", String(slots));
  const file = join(box.root, "worker.json");
  const manifest = { name: "scripted-worker", engine: "scripted", command, backends: ["cpu"] };
  writeFileSync(file, JSON.stringify(manifest));
  return file;
}

async function spawnWorker(box: Box): Promise<void> {
  const events = await box.queen().stream("spawnWorker", { body: { model } });
  for await (const event of events) {
    if (event.type === "error") throw new Error(`no worker: ${event.error.message}`);
  }
}

async function findWorker(box: Box): Promise<Worker> {
  const { workers } = await box.hive().call("listWorkers");
  const [first] = workers;
  if (first === undefined) throw new Error("the hive has no worker");
  const access = await box.hive().call("workerAccess", { params: { id: first.id } });
  return { url: access.url, key: access.api_key, pid: first.pid ?? 0 };
}

// Slots of the round before are given back a moment after its streams have ended.
async function waitUntilIdle(box: Box): Promise<void> {
  await eventually(
    async () => {
      const { workers } = await box.queen().call("listWorkers");
      return workers.every((worker) => worker.slots_available === worker.slots_total);
    },
    { what: "a worker with all slots free" },
  );
}

async function startPipe(bench: Bench, workerUrl: string) {
  const program = join(import.meta.dirname, "bare-pipe.ts");
  const pipe = await runProgram({
    command: [process.execPath, program, workerUrl],
    environment: {},
    directory: import.meta.dirname,
    limitMs: 1_800_000,
  });
  bench.onEnd(async () => {
    pipe.signal("SIGKILL");
    await pipe.ended;
  });
  await pipe.waitForOutput({ stream: "stdout", pattern: /\d+\n/ });
  return { pid: pipe.pid, url: `http://127.0.0.1:${pipe.stdout().trim()}` };
}

async function runLoad(bench: Bench, order: LoadOrder): Promise<LoadResult> {
  const program = join(import.meta.dirname, "load-generator.ts");
  const load = await runProgram({
    command: [process.execPath, program, JSON.stringify(order)],
    environment: {},
    directory: import.meta.dirname,
    limitMs: order.windowMs + runMarginMs,
  });
  bench.onEnd(() => load.signal("SIGKILL"));
  const { code } = await load.ended;
  if (code !== 0) throw new Error(`the load generator failed: ${load.stderr().slice(-2000)}`);
  return JSON.parse(load.stdout()) as LoadResult;
}
