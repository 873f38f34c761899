import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Row, Section } from "./section.ts";

const limitMs = 1_800_000;
const nameWidth = 32;

/** The worker against llama-server: a program of its own, whose lines become rows here. */
export const engineSection: Section = {
  name: "engine",
  summary: "the worker against llama-server on the same file (bench/engine has more options)",
  limitMs,
  async run({ rounds, tell, onEnd }) {
    const program = join(import.meta.dirname, "engine/engine-bench.ts");
    const bench = spawn(process.execPath, [program, "--rounds", String(rounds)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(bench, "exit");
    onEnd(async () => {
      // Told to end, it ends its servers too.
      if (bench.exitCode === null && bench.kill("SIGTERM")) await ended;
    });
    const rows: Row[] = [];
    let title = "";
    for await (const line of createInterface({ input: bench.stdout })) {
      tell(line);
      if (isTitle(line)) title = line.split(",")[0] ?? "";
      const row = parseRow(line, title);
      if (row !== undefined) rows.push(row);
    }
    const [code] = (await ended) as [number | null];
    if (code !== 0) throw new Error(`the engine bench ended with ${code}`);
    return rows;
  },
};

function isTitle(line: string): boolean {
  return /, \d+ slots of \d+ tokens$/.test(line);
}

function parseRow(line: string, title: string): Row | undefined {
  const figures = [...line.matchAll(/(rbee|llama-server) ([\d.]+) \[[^\]]+\]/g)];
  const [ours, theirs] = figures.map(([, , value]) => Number(value));
  if (ours === undefined) return undefined;
  const goal = /\(goal (.+)\)$/.exec(line)?.[1];
  const ratio = /ratio ([\d.]+)/.exec(line)?.[1];
  const measured = line
    .slice(nameWidth)
    .replace(/\(goal .+\)$/, "")
    .replaceAll(/\s+/g, " ")
    .trim();
  const name = `${title}: ${line.slice(0, nameWidth).trim()}`;
  if (goal === undefined || theirs === undefined) return { name, measured };
  const isMet = judge(goal, { ratio: Number(ratio), ours, theirs });
  return { name, measured, target: goal, ...(isMet === undefined ? {} : { isMet }) };
}

interface Figures {
  readonly ratio: number;
  readonly ours: number;
  readonly theirs: number;
}

// A goal in words alone is for a person to judge.
function judge(goal: string, { ratio, ours, theirs }: Figures): boolean | undefined {
  const least = /^>= ([\d.]+)$/.exec(goal)?.[1];
  if (least !== undefined) return ratio >= Number(least);
  const most = /^<= ([\d.]+) ms$/.exec(goal)?.[1];
  if (most !== undefined) return ours <= Number(most);
  const more = /^<= ([\d.]+) MB more$/.exec(goal)?.[1];
  return more === undefined ? undefined : ours - theirs <= Number(more);
}
