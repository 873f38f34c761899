import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ProgramRun } from "@rbee/testkit";
import { parseLog, timeOf } from "./read-log.ts";
import type { LogLine } from "./read-log.ts";

interface Mark {
  readonly name: string;
  readonly find: (story: Story) => number | undefined;
}

interface PhaseInput {
  readonly run: ProgramRun;
  readonly startedAtMs: number;
  readonly logs: string;
}

interface Story extends PhaseInput {
  readonly queen: readonly LogLine[];
  readonly hive: readonly LogLine[];
  readonly worker: readonly LogLine[];
}

// Each phase ends at its mark and begins where the one before it ended.
const marks: readonly Mark[] = [
  {
    name: "keeper: looks for a queen, starts one",
    find: ({ run, startedAtMs }) => said(run, /starting queen-rbee/, startedAtMs),
  },
  {
    name: "queen: start until it listens",
    find: ({ queen }) => timeOf(queen, ({ msg }) => msg === "queen-rbee listens"),
  },
  {
    name: "keeper sends the task, queen starts a hive",
    find: ({ queen }) => timeOf(queen, ({ action }) => action === "hive-start"),
  },
  {
    name: "hive: start until it listens",
    find: ({ hive }) => timeOf(hive, ({ msg }) => msg === "rbee-hive listens"),
  },
  {
    name: "queen asks for a worker, hive finds model and place",
    find: ({ hive }) => timeOf(hive, ({ action }) => action === "worker-starting"),
  },
  {
    name: "worker: start until it listens",
    find: ({ worker }) => timeOf(worker, ({ msg }) => msg === "llm-worker-rbee listens"),
  },
  {
    name: "worker: ready call, loading",
    find: ({ worker }) => timeOf(worker, ({ action }) => action === "loaded"),
  },
  {
    name: "hive and queen hear it; the first token comes back",
    find: ({ run, startedAtMs }) => {
      const first = run.pieces.find(({ stream }) => stream === "stdout");
      return first === undefined ? undefined : startedAtMs + first.atMs;
    },
  },
];

export const phaseNames = marks.map(({ name }) => name);

/** Milliseconds of each phase of a cold start, from what the programs wrote, by their own clocks. */
export function readPhases(input: PhaseInput): number[] {
  const { logs, startedAtMs } = input;
  const workerLog = readdirSync(logs).find((name) => name.startsWith("worker-")) ?? "";
  const story: Story = {
    ...input,
    queen: readLog(join(logs, "queen.log")),
    hive: readLog(join(logs, "hive.log")),
    worker: readLog(join(logs, workerLog)),
  };
  const times = marks.map((mark) => {
    const time = mark.find(story);
    if (time === undefined) throw new Error(`nothing tells the end of the phase "${mark.name}"`);
    return time;
  });
  return times.map((time, index) => time - (times[index - 1] ?? startedAtMs));
}

function readLog(path: string): LogLine[] {
  return parseLog(readFileSync(path, "utf8"));
}

function said(run: ProgramRun, pattern: RegExp, startedAtMs: number): number | undefined {
  const piece = run.pieces.find(({ text }) => pattern.test(text));
  return piece === undefined ? undefined : startedAtMs + piece.atMs;
}
