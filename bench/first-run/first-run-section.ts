import { execFileSync } from "node:child_process";
import { lstatSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { runProgram } from "@rbee/testkit";
import type { Bench, Section } from "../section.ts";

const firstTokenMaxS = 60;
const downloadMaxMb = 200;
const modulesMaxMb = 400;
const bytesPerMb = 1_048_576;
const runLimitMs = 420_000;
const root = dirname(dirname(import.meta.dirname));

interface FirstRun {
  readonly seconds: number;
  readonly clone: string;
}

/** A fresh clone and one command, with an empty npm cache and again with a full one. */
export const firstRunSection: Section = {
  name: "first-run",
  summary: "a fresh clone with an empty npm cache: time to the first token, megabytes",
  isLong: true,
  limitMs: 900_000,
  async run(bench) {
    const cacheBox = await bench.openBox();
    const cache = join(cacheBox.root, "npm-cache");
    const empty = await runOnce(bench, cache, "with an empty npm cache");
    const downloadedMb = sizeOf(cache) / bytesPerMb;
    const modulesMb = sizeOf(join(empty.clone, "node_modules")) / bytesPerMb;
    const full = await runOnce(bench, cache, "with a full npm cache");
    return [
      {
        name: "fresh clone to the first token, besides the download",
        measured: `${full.seconds.toFixed(1)} s`,
        target: `<= ${firstTokenMaxS} s`,
        isMet: full.seconds <= firstTokenMaxS,
      },
      { name: "... download included", measured: `${empty.seconds.toFixed(1)} s` },
      {
        name: "... downloaded (size of the npm cache)",
        measured: `${downloadedMb.toFixed(0)} MB`,
        target: `<= ${downloadMaxMb} MB`,
        isMet: downloadedMb <= downloadMaxMb,
      },
      {
        name: "... node_modules",
        measured: `${modulesMb.toFixed(0)} MB`,
        target: `<= ${modulesMaxMb} MB`,
        isMet: modulesMb <= modulesMaxMb,
      },
    ];
  },
};

// The commit as it is, without what lies around in the working tree.
async function runOnce(bench: Bench, cache: string, how: string): Promise<FirstRun> {
  const box = await bench.openBox();
  const clone = join(box.root, "rbee");
  execFileSync("git", ["clone", "--quiet", "--no-hardlinks", root, clone]);
  const run = await runProgram({
    command: [join(clone, "rbee"), "infer", "--prompt", "write a short story"],
    environment: {
      ...ownEnvironment(),
      HOME: box.home,
      RBEE_HOME: box.rbeeHome,
      npm_config_cache: cache,
      // Where packages come from is the machine's affair.
      npm_config_userconfig: join(homedir(), ".npmrc"),
    },
    directory: clone,
    limitMs: runLimitMs,
  });
  const { code } = await run.ended;
  if (code !== 0) throw new Error(`the first run ended with ${code}: ${run.stderr()}`);
  const first = run.pieces.find(({ stream }) => stream === "stdout");
  const seconds = (first?.atMs ?? Number.NaN) / 1000;
  bench.tell(`${how}: ${seconds.toFixed(1)} s`);
  return { seconds, clone };
}

// Without what `npm run` adds: a first run is started from a terminal.
function ownEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    ([name, value]) =>
      value !== undefined && !/^(?:npm_|NODE_OPTIONS|NODE_COMPILE_CACHE)/.test(name),
  );
  return Object.fromEntries(entries) as Record<string, string>;
}

function sizeOf(path: string): number {
  const status = lstatSync(path);
  if (!status.isDirectory()) return status.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
