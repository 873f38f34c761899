import { readPageMemory } from "@rbee/testkit";
import type { PageMemory } from "@rbee/testkit";
import type { Stage } from "./console-fixture.ts";

export interface MemoryWatch {
  readonly over: Promise<MemoryStory>;
}

/** Medians of the second third of the time and of the last: the first is needed to fill lists. */
interface MemoryStory {
  readonly middle: PageMemory;
  readonly end: PageMemory;
  /** So many were asked meanwhile. */
  readonly requests: number;
}

/** Opens the overview, lets requests come and go, and reads what the page holds after each. */
export async function watchMemory(stage: Stage, durationMs: number): Promise<MemoryWatch> {
  const { page, heading } = await stage.open();
  await heading("Overview");
  await page.locator("canvas").waitFor();
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const follow = async (): Promise<MemoryStory> => {
    const samples: PageMemory[] = [];
    const until = performance.now() + durationMs;
    while (performance.now() < until) {
      await askSomething(stage);
      samples.push(await readPageMemory(session));
    }
    await page.close();
    const third = Math.floor(samples.length / 3);
    return {
      middle: medianOf(samples.slice(third, 2 * third)),
      end: medianOf(samples.slice(2 * third)),
      requests: samples.length,
    };
  };
  const over = follow();
  // Whoever waits for it hears of its failure; until then it is not unhandled.
  over.catch(() => {});
  return { over };
}

async function askSomething({ box }: Stage): Promise<void> {
  const body = { model: "hello-bee", prompt: "Once upon a time", max_tokens: 60 };
  for await (const event of await box.queen().stream("createTask", { body })) {
    if (event.type === "error") throw new Error(`no answer: ${event.error.message}`);
  }
}

function medianOf(samples: readonly PageMemory[]): PageMemory {
  const median = (read: (sample: PageMemory) => number) =>
    samples.map(read).toSorted((left, right) => left - right)[Math.floor(samples.length / 2)] ??
    Number.NaN;
  return {
    heapBytes: median(({ heapBytes }) => heapBytes),
    nodes: median(({ nodes }) => nodes),
    listeners: median(({ listeners }) => listeners),
  };
}
