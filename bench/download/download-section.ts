import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import { runProgram, writeLlamaModel } from "@rbee/testkit";
import type { Box } from "@rbee/testkit";
import { ensureBundle } from "../ensure-bundle.ts";
import { readCpuMs, readMemory } from "../process-figures.ts";
import type { Bench, Row, Section } from "../section.ts";
import { findMedian, renderRange } from "../statistics.ts";
import { findLinkObstacle, openShapedLink } from "./shaped-link.ts";
import type { ShapedLink } from "./shaped-link.ts";

const rate = "1gbit";
const shareMin = 0.9;
const growthMaxMb = 32;
const megabyte = 1_048_576;
const sampleMs = 100;
const reference = "hf:bees/big";
const fileName = "big-Q8_0.gguf";

/** A large model from a hub at the other end of a line, beside what curl does with the same file. */
export const downloadSection: Section = {
  name: "download",
  summary: `600 MB from a hub over ${rate}, SHA-256 included, beside curl (needs root)`,
  limitMs: 600_000,
  async run(bench) {
    const obstacle = findLinkObstacle();
    if (obstacle !== undefined) {
      return [{ name: "not measured here", measured: `needs ${obstacle}` }];
    }
    const link = openShapedLink(rate);
    bench.onEnd(link.close);
    const folder = mkdtempSync(join(tmpdir(), "rbee-bench-"));
    bench.onEnd(() => rmSync(folder, { recursive: true, force: true }));
    const box = await bench.openBox({ installationRoot: ensureBundle(bench.tell) });
    const { path, sizeBytes } = await writeModel(folder, box);
    const endpoint = await startHub(bench, link, path);
    box.configure({ hive: { hub_endpoint: endpoint } });
    await box.startHiveAsOperator();
    return await compare(bench, { box, folder, endpoint, sizeBytes });
  },
};

// Zeros: on the line and for the digest they weigh as much as any bytes, and take no room at rest.
async function writeModel(folder: string, box: Box) {
  const path = join(folder, fileName);
  const shape = {
    name: "big",
    layers: 12,
    width: 2048,
    heads: 16,
    feedForwardWidth: 5376,
    vocabularySize: 4096,
    contextLength: 1024,
    isTied: true,
    weightType: "Q8_0",
    fileType: 7,
    fill: "zeros",
  } as const;
  const tokenizer = join(box.installation.models, "hello-bee/hello-bee-3m-q8_0.gguf");
  return { path, sizeBytes: await writeLlamaModel(path, shape, tokenizer) };
}

async function startHub(bench: Bench, link: ShapedLink, path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  const files = { [fileName]: { path, sha256: hash.digest("hex") } };
  const testkit = createRequire(import.meta.url).resolve("@rbee/testkit");
  const [program, ...words] = link.prefix;
  const hubWords = [
    ...words,
    process.execPath,
    join(dirname(testkit), "hub/hub-program.ts"),
    "--host",
    link.address,
    "--repository",
    JSON.stringify({ name: "bees/big", files }),
  ];
  const hub = spawn(program, hubWords, { stdio: ["pipe", "pipe", "inherit"] });
  bench.onEnd(async () => {
    const ended = new Promise((resolve) => hub.once("exit", resolve));
    hub.stdin.end();
    await ended;
  });
  for await (const line of createInterface({ input: hub.stdout })) {
    return (JSON.parse(line) as { url: string }).url;
  }
  throw new Error("the hub did not start");
}

interface Comparison {
  readonly box: Box;
  readonly folder: string;
  readonly endpoint: string;
  readonly sizeBytes: number;
}

interface Pull {
  readonly seconds: number;
  readonly cpuMs: number;
  readonly residentMb: readonly number[];
}

async function compare(bench: Bench, comparison: Comparison): Promise<readonly Row[]> {
  const { rounds, tell, signal } = bench;
  const megabytes = comparison.sizeBytes / megabyte;
  const shares: number[] = [];
  const pulls: Pull[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    signal.throwIfAborted();
    // In turns, so that whatever else happens on this machine happens to both.
    const curlSeconds = await runCurl(comparison);
    const pull = await runPull(comparison.box);
    pulls.push(pull);
    shares.push(curlSeconds / pull.seconds);
    tell(
      `round ${round}: curl ${(megabytes / curlSeconds).toFixed(1)} MB/s, ` +
        `rbee ${(megabytes / pull.seconds).toFixed(1)} MB/s, ${pull.cpuMs.toFixed(0)} ms of CPU`,
    );
  }
  return rowsOf(megabytes, shares, pulls);
}

async function runCurl({ folder, endpoint }: Comparison): Promise<number> {
  const target = join(folder, "curl.out");
  const url = `${endpoint}/bees/big/resolve/main/${fileName}`;
  const run = await runProgram({
    command: ["curl", "-sSfL", "-o", target, "-w", "%{time_total}", url],
    environment: { PATH: process.env["PATH"] ?? "" },
    directory: folder,
  });
  const { code } = await run.ended;
  rmSync(target, { force: true });
  if (code !== 0) throw new Error(`curl failed: ${run.stderr()}`);
  return Number(run.stdout());
}

// From the request to the registered model: list, choice, download, digest, disk, header.
async function runPull(box: Box): Promise<Pull> {
  const hive = box.hive();
  const pid = box.hivePid() ?? 0;
  const residentMb: number[] = [];
  const sampler = setInterval(() => {
    // A hive that is gone is told by its silence, not by its figures.
    if (existsSync(`/proc/${pid}`)) residentMb.push(readMemory(pid).residentBytes / megabyte);
  }, sampleMs);
  const cpuBefore = readCpuMs(pid);
  const startedAt = performance.now();
  try {
    const { download_id: id } = await hive.call("downloadModel", {
      body: { model_ref: reference },
    });
    for await (const event of await hive.stream("downloadProgress", { query: { id } })) {
      if (event.type === "error") throw new Error(event.error.message);
    }
  } finally {
    clearInterval(sampler);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const cpuMs = readCpuMs(pid) - cpuBefore;
  await hive.call("deleteModel", { params: { id: reference } });
  return { seconds, cpuMs, residentMb };
}

function rowsOf(megabytes: number, shares: readonly number[], pulls: readonly Pull[]): Row[] {
  const speeds = pulls.map(({ seconds }) => megabytes / seconds);
  const peaks = pulls.map(({ residentMb }) => Math.max(...residentMb));
  const growths = pulls.map(({ residentMb }) => measureGrowth(residentMb));
  const share = findMedian(shares);
  return [
    {
      name: `${megabytes.toFixed(0)} MB over ${rate}, share of curl's speed`,
      measured: renderRange(shares, 2),
      target: `>= ${shareMin}`,
      isMet: share >= shareMin,
    },
    { name: "... MB/s", measured: renderRange(speeds, 1) },
    {
      name: "... CPU of the hive, ms",
      measured: renderRange(
        pulls.map(({ cpuMs }) => cpuMs),
        0,
      ),
    },
    {
      name: "... resident memory, growth in the second half, MB",
      measured: renderRange(growths, 0),
      target: `<= ${growthMaxMb}`,
      isMet: Math.max(...growths) <= growthMaxMb,
    },
    { name: "... resident memory, highest, MB", measured: renderRange(peaks, 0) },
  ];
}

// What a download holds it holds from its beginning; what grows with it would have no end.
function measureGrowth(residentMb: readonly number[]): number {
  const middle = Math.floor(residentMb.length / 2);
  return Math.max(...residentMb.slice(middle)) - Math.max(...residentMb.slice(0, middle));
}
