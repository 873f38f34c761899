import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { QueenEvent } from "@rbee/contract";
import { countBytes } from "@rbee/testkit";
import { openStage, skip } from "./console-fixture.ts";
import type { Stage } from "./console-fixture.ts";
import { watchMemory } from "./watch-memory.ts";
import type { MemoryWatch } from "./watch-memory.ts";

const firstLoadBytesMax = 200_000;
const workerCount = 200;
const rowsMax = 50;
const watchedMs = 60_000;
// A heap that was just collected still differs by some of this.
const heapGrowthMaxBytes = 300_000;

type QueenState = Extract<QueenEvent, { type: "state" }>;

describe("figures of the console", { skip }, () => {
  let stage: Stage;
  let watch: MemoryWatch;
  before(async () => {
    stage = await openStage();
    // It goes on beside the other tests.
    watch = await watchMemory(stage, watchedMs);
  });
  after(() => stage[Symbol.asyncDispose]());

  it("needs at most 200 KB for the first look, with its chart", async () => {
    const { page, heading } = await stage.open();
    await heading("Overview");
    await page.locator("canvas").waitFor();
    const urls = await page.evaluate(() =>
      performance
        .getEntries()
        .filter((entry) => entry instanceof PerformanceResourceTiming)
        .filter(({ name }) => !name.includes("/v2/"))
        .map(({ name }) => name),
    );
    // Browsers ask for Brotli over https and of their own machine only, of others for gzip.
    const whole = await sumBytes(urls, "identity");
    for (const coding of ["gzip", "br"]) {
      const bytes = await sumBytes(urls, coding);
      assert.ok(bytes > 50_000 && whole > bytes * 2, `${coding}: ${bytes} of ${whole} bytes`);
      assert.ok(bytes <= firstLoadBytesMax, `${bytes} bytes come as ${coding}`);
    }
    await page.close();
  });

  // More than one machine can run for a test: the queen's own state, with more workers in it.
  it("has never more than a page of rows in it, of 200 workers", async () => {
    const tab = await stage.open();
    const { page } = tab;
    const body = `data: ${JSON.stringify(await manyWorkers(stage))}\n\n`;
    await page.route("**/v2/events", (route) =>
      route.fulfill({ contentType: "text/event-stream", body }),
    );
    await page.goto(new URL("/workers", page.url()).href);
    await page.getByText(/^worker-0000/).waitFor();
    const rows = page.getByRole("row");
    assert.ok((await rows.count()) <= rowsMax, `${await rows.count()} rows`);
    await page.getByRole("button", { name: "Page 8", exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.getByText(new RegExp(`^worker-0${workerCount - 1}`)).waitFor();
    assert.ok((await rows.count()) <= rowsMax);
    await page.close();
  });

  it("takes no more memory after a minute of events than in the middle of it", async () => {
    const { middle, end, requests } = await watch.over;
    assert.ok(requests >= 10, `${requests} requests came and went meanwhile`);
    const growth = end.heapBytes - middle.heapBytes;
    assert.ok(growth <= heapGrowthMaxBytes, `its heap grew by ${growth} bytes`);
    assert.ok(end.nodes <= middle.nodes, `${middle.nodes} nodes became ${end.nodes}`);
    assert.ok(end.listeners <= middle.listeners, `${middle.listeners} became ${end.listeners}`);
  });
});

async function sumBytes(urls: readonly string[], coding: string): Promise<number> {
  const sizes = await Promise.all(urls.map((url) => countBytes(url, coding)));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function manyWorkers({ box }: Stage): Promise<QueenState> {
  const queen = box.queen();
  for await (const _event of await queen.stream("spawnWorker", { body: { model: "hello-bee" } }));
  const stopping = new AbortController();
  for await (const event of await queen.stream("events", { signal: stopping.signal })) {
    const [worker] = event.type === "state" ? event.workers : [];
    if (event.type !== "state" || worker === undefined) continue;
    stopping.abort();
    const workers = Array.from({ length: workerCount }, (_, index) => ({
      ...worker,
      worker_id: `worker-${String(index).padStart(4, "0")}`,
    }));
    return { ...event, workers };
  }
  throw new Error("the queen told no state");
}
