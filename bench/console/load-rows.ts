import type { Page } from "playwright-core";
import { countBytes, eventually } from "@rbee/testkit";
import type { Bench, Row } from "../section.ts";
import { findMedian, renderRange } from "../statistics.ts";
import type { ConsoleStage } from "./open-console-stage.ts";

const bytesMax = 200_000;
const interactiveMaxMs = 1000;
// As Lighthouse has it: the page is at rest when nothing held it for so long.
const quietMs = 5000;
const patienceMs = 30_000;

/** What a person who opens the console waits for: its bytes, and that it answers. */
export async function measureLoad(bench: Bench, stage: ConsoleStage): Promise<Row[]> {
  const rows: Row[] = [];
  const urls = await listFetched(stage);
  for (const coding of ["gzip", "br"]) {
    const bytes = await sumBytes(urls, coding);
    rows.push({
      name: `first load: the overview with its chart, ${coding}`,
      measured: `${(bytes / 1000).toFixed(1)} KB`,
      target: `<= ${bytesMax / 1000} KB`,
      isMet: bytes <= bytesMax,
    });
  }
  const times: number[] = [];
  for (let round = 1; round <= bench.rounds; round += 1) {
    bench.signal.throwIfAborted();
    times.push(await readInteractive(stage));
    bench.tell(`interactive, round ${round}: ${times.at(-1)?.toFixed(0)} ms`);
  }
  rows.push({
    name: "interactive on loopback, nothing cached",
    measured: `${renderRange(times, 0)} ms`,
    target: `<= ${interactiveMaxMs} ms`,
    isMet: findMedian(times) <= interactiveMaxMs,
  });
  return rows;
}

/** What the browser fetched but for the queen's answers: the page itself, and all that it asked for. */
async function listFetched(stage: ConsoleStage): Promise<readonly string[]> {
  const page = await stage.openPage();
  await page.goto(stage.origin);
  await page.locator("canvas").waitFor();
  const urls = await page.evaluate<string[]>(fetchedUrls);
  await page.close();
  return urls.filter((url) => !url.includes("/v2/"));
}

const fetchedUrls = `performance.getEntries()
  .filter((entry) => entry instanceof PerformanceResourceTiming)
  .map(({ name }) => name)`;

// Browsers ask for Brotli over https and of their own machine only; of other machines for gzip.
async function sumBytes(urls: readonly string[], coding: string): Promise<number> {
  const sizes = await Promise.all(urls.map((url) => countBytes(url, coding)));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/**
 * From the start of the navigation until the menu has answered a click while the machines are on
 * the page, or until the end of the last task that would have made a person wait, if that is later.
 */
async function readInteractive(stage: ConsoleStage): Promise<number> {
  const page = await stage.openPage();
  await page.addInitScript({ content: clickWhenThere });
  await page.goto(stage.origin, { waitUntil: "commit" });
  const answeredMs = await waitForMark(page);
  await page.waitForTimeout(quietMs);
  const longTaskEndMs = await page.evaluate<number>(endOfLastLongTask);
  await page.close();
  return Math.max(answeredMs, longTaskEndMs);
}

const mark = "answered";

const clickWhenThere = `{
  let isClicked = false;
  const look = () => {
    const link = document.querySelector('nav a[href="/workers"]');
    if (link?.ariaCurrent === "page") return performance.mark("${mark}");
    if (!isClicked && document.querySelector('article[aria-label^="Machine"]') !== null) {
      isClicked = true;
      link.click();
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}`;

function waitForMark(page: Page): Promise<number> {
  const read = `performance.getEntriesByName("${mark}")[0]?.startTime`;
  return eventually(() => page.evaluate<number | undefined>(read), {
    timeoutMs: patienceMs,
    what: "the menu that answers",
  });
}

const endOfLastLongTask = `new Promise((resolve) => {
  let endMs = 0;
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      endMs = Math.max(endMs, startTime + duration);
    }
  }).observe({ type: "longtask", buffered: true });
  // What was kept is told in tasks of its own.
  setTimeout(() => resolve(endMs), 200);
})`;
