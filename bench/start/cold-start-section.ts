import { dirname, join } from "node:path";
import { runProgram } from "@rbee/testkit";
import type { Box, ProgramRun } from "@rbee/testkit";
import { ensureBundle } from "../ensure-bundle.ts";
import type { Bench, Row, Section } from "../section.ts";
import { findMedian, renderRange } from "../statistics.ts";
import { measureWorkerStart } from "./measure-worker-start.ts";
import { phaseNames, readPhases } from "./read-phases.ts";

const coldMaxMs = 1500;
const warmMaxMs = 350;
const root = dirname(dirname(import.meta.dirname));
const prompt = ["infer", "--prompt", "write a short story"];
const warmWords = [...prompt, "--max-tokens", "20"];
const sourceRounds = 3;

/** How a program is run: as `./rbee` does it when the bundle is fresh, or from its sources. */
interface Form {
  readonly name: string;
  readonly installationRoot: string;
  readonly command: readonly string[];
  readonly rounds: number;
}

/** From a command in a terminal to the first token: when nothing runs, and when all is warm. */
export const coldStartSection: Section = {
  name: "cold-start",
  summary: "from nothing to the first token, the second prompt, and a worker alone",
  limitMs: 400_000,
  async run(bench) {
    const bundle = ensureBundle(bench.tell);
    const bundled: Form = {
      name: "bundle",
      installationRoot: bundle,
      command: [join(root, "rbee")],
      rounds: bench.rounds,
    };
    const fromSources: Form = {
      name: "sources",
      installationRoot: root,
      command: [process.execPath, join(root, "packages/keeper/src/main.ts")],
      rounds: sourceRounds,
    };
    return [
      ...(await measureCold(bench, bundled)),
      ...(await measureWarm(bench, bundled)),
      ...(await measureWorkerStart(bench, bundle)),
      ...withoutTargets(await measureCold(bench, fromSources)),
      ...withoutTargets(await measureWarm(bench, fromSources)),
    ];
  },
};

async function measureCold(bench: Bench, form: Form): Promise<Row[]> {
  const totals: number[] = [];
  const phases: number[][] = [];
  for (let round = 1; round <= form.rounds; round += 1) {
    const box = await bench.openBox({ installationRoot: form.installationRoot });
    const startedAtMs = Date.now();
    const run = await runKeeper(box, form, prompt);
    const totalMs = firstTokenMs(run);
    const parts = readPhases({ run, startedAtMs, logs: join(box.rbeeHome, "logs") });
    await box.close();
    totals.push(totalMs);
    phases.push(parts);
    bench.tell(
      `${form.name} cold ${round}: ${totalMs.toFixed(0)} ms = ${parts.map(Math.round).join(" + ")}`,
    );
  }
  const parts = phaseNames.map((name, index) => ({
    name: `... ${name}`,
    measured: `${renderRange(
      phases.map((round) => round[index] ?? Number.NaN),
      0,
    )} ms`,
  }));
  return [
    {
      name: `nothing running to the first token (${form.name})`,
      measured: `${renderRange(totals, 0)} ms`,
      target: `<= ${coldMaxMs} ms`,
      isMet: findMedian(totals) <= coldMaxMs,
    },
    ...parts,
  ];
}

async function measureWarm(bench: Bench, form: Form): Promise<Row[]> {
  const box = await bench.openBox({ installationRoot: form.installationRoot });
  await runKeeper(box, form, prompt);
  const totals: number[] = [];
  const nodeStarts: number[] = [];
  for (let round = 1; round <= form.rounds * 2; round += 1) {
    nodeStarts.push(await timeNodeStart(box));
    const { ended } = await runKeeper(box, form, warmWords);
    totals.push((await ended).durationMs);
  }
  await box.close();
  bench.tell(`${form.name} warm: ${totals.map(Math.round).join(" ")} ms`);
  return [
    {
      name: `warm infer of 20 tokens, in all (${form.name})`,
      measured: `${renderRange(totals, 0)} ms`,
      target: `<= ${warmMaxMs} ms`,
      isMet: findMedian(totals) <= warmMaxMs,
    },
    { name: "... of which Node itself (node -e 0)", measured: `${renderRange(nodeStarts, 0)} ms` },
  ];
}

async function runKeeper(box: Box, form: Form, words: readonly string[]): Promise<ProgramRun> {
  const run = await runInBox(box, [...form.command, ...words]);
  const { code } = await run.ended;
  if (code !== 0) throw new Error(`infer ended with ${code}: ${run.stderr()}`);
  return run;
}

async function timeNodeStart(box: Box): Promise<number> {
  const run = await runInBox(box, [process.execPath, "-e", "0"]);
  return (await run.ended).durationMs;
}

async function runInBox(box: Box, command: readonly string[]): Promise<ProgramRun> {
  const path = `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`;
  return await runProgram({
    command,
    environment: { HOME: box.home, RBEE_HOME: box.rbeeHome, PATH: path, LANG: "C.UTF-8" },
    directory: box.home,
  });
}

function firstTokenMs(run: ProgramRun): number {
  const first = run.pieces.find(({ stream }) => stream === "stdout");
  if (first === undefined) throw new Error("no token came");
  return first.atMs;
}

function withoutTargets(rows: readonly Row[]): Row[] {
  return rows.map(({ name, measured }) => ({ name, measured }));
}
