import type { Page } from "playwright-core";
import { readPageMemory } from "@rbee/testkit";
import type { PageMemory } from "@rbee/testkit";
import type { Row, Section } from "../section.ts";
import { findGrowth } from "../statistics.ts";
import { ensureBundle } from "../ensure-bundle.ts";
import { openConsoleStage } from "./open-console-stage.ts";
import type { ConsoleStage } from "./open-console-stage.ts";

const minutes = Number(process.env["BENCH_MINUTES"] ?? 10);
const tokenMs = 9;
const bytesPerMb = 1_048_576;
// What a heap that was just collected still differs by.
const growthMaxMb = 1;
const roundsPerMinute = 6;
const pagesLooked = ["Requests", "Workers", "Machines", "Overview"];

/** Whether the page grows while it is open and the machines work. */
export const consoleMemorySection: Section = {
  name: "console-memory",
  summary: "the console's memory over ten minutes of live events (BENCH_MINUTES)",
  isLong: true,
  limitMs: (minutes + 5) * 60_000,
  async run(bench) {
    const stage = await openConsoleStage(bench, {
      installationRoot: ensureBundle(bench.tell),
      tokenMs,
    });
    const page = await stage.openPage();
    await page.goto(stage.origin);
    await page.locator("canvas").waitFor();
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    const samples: Sample[] = [];
    const startedAt = performance.now();
    const elapsedMinutes = () => (performance.now() - startedAt) / 60_000;
    while (elapsedMinutes() < minutes) {
      bench.signal.throwIfAborted();
      await letTimePass(stage, page);
      const sample = { minute: elapsedMinutes(), ...(await readPageMemory(session)) };
      samples.push(sample);
      bench.tell(renderSample(sample));
    }
    await page.close();
    return renderGrowth(samples);
  },
};

interface Sample extends PageMemory {
  readonly minute: number;
}

// Requests begin, answer and end all the while; then the person looks at other pages and comes back.
async function letTimePass(stage: ConsoleStage, page: Page): Promise<void> {
  const until = performance.now() + 60_000 / roundsPerMinute;
  while (performance.now() < until) {
    const body = { model: "hello-bee", prompt: "How does a hive work?", max_tokens: 100 };
    const events = await stage.box.queen().stream("createTask", { body });
    for await (const event of events) {
      if (event.type === "error") throw new Error(`no answer: ${event.error.message}`);
    }
  }
  for (const name of pagesLooked) {
    await page.getByRole("navigation").getByRole("link", { name, exact: true }).click();
    await page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
  }
  await page.locator("canvas").waitFor();
}

function renderSample({ minute, heapBytes, nodes, listeners }: Sample): string {
  const heap = `${(heapBytes / bytesPerMb).toFixed(2)} MB`;
  return `${minute.toFixed(1)} min: ${heap}, ${nodes} nodes, ${listeners} listeners`;
}

// Charts and lists fill in the first third.
function renderGrowth(samples: readonly Sample[]): Row[] {
  const heapMb = ({ heapBytes }: Sample) => heapBytes / bytesPerMb;
  const measures = [
    { name: "heap of the page after a collection", of: heapMb, digits: 2 },
    { name: "... nodes", of: ({ nodes }: Sample) => nodes, digits: 0 },
    { name: "... listeners", of: ({ listeners }: Sample) => listeners, digits: 0 },
  ];
  return measures.map(({ name, of, digits }, index): Row => {
    const points = samples.map((sample) => ({ x: sample.minute, y: of(sample) }));
    const { middle, end, slope } = findGrowth(points);
    const trend = `${slope.toFixed(digits + 1)} per minute`;
    const measured = `${middle.toFixed(digits)} in the middle, ${end.toFixed(digits)} at the end, ${trend}`;
    if (index > 0) return { name, measured };
    const target = `<= ${growthMaxMb} MB more`;
    return {
      name: `${name}, ${minutes} min`,
      measured,
      target,
      isMet: end - middle <= growthMaxMb,
    };
  });
}
