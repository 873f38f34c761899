import { appendFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import type { Bench, Row } from "../section.ts";
import type { ConsoleStage } from "./open-console-stage.ts";
import { renderTasks } from "./render-tasks.ts";
import { startCrowd } from "./start-crowd.ts";
import { watchTasks } from "./watch-tasks.ts";

const lineCount = 10_000;
const workerCount = 200;
const rowsOnPage = 25;
const rowsMax = 200;
const turns = 240;
const turnMs = 16;
// A person turns the wheel one way for so long.
const turnsOneWay = 60;

/** A person scrolls through a long log and through very many workers, while both go on. */
export async function measureScrolling(bench: Bench, stage: ConsoleStage): Promise<Row[]> {
  const events = await stage.box.queen().stream("spawnWorker", { body: { model: "hello-bee" } });
  for await (const event of events) {
    if (event.type === "error") throw new Error(`no worker: ${event.error.message}`);
  }
  const crowd = await startCrowd(bench, stage.box.queenPort, workerCount);
  return [...(await measureLog(bench, stage)), ...(await measureWorkers(bench, stage, crowd))];
}

async function measureLog(bench: Bench, { box, origin, openPage }: ConsoleStage): Promise<Row[]> {
  const { workers } = await box.queen().call("listWorkers", { query: {} });
  const file = join(box.rbeeHome, `logs/worker-${workers[0]?.worker_id ?? ""}.log`);
  const page = await openPage();
  await page.goto(`${origin}/workers`);
  await page.getByRole("button", { name: "Log", exact: true }).click();
  const line = `{"level":"info","time":"2026-11-23T10:00:00.000Z","msg":"a line of a log"}\n`;
  appendFileSync(file, `${line.repeat(lineCount)}the last line\n`);
  const lines = page.getByRole("log", { name: /^Log of/ });
  await lines.getByText("the last line").waitFor();
  await page.getByLabel("Follow").uncheck({ force: true });
  await lines.hover();
  const rows = new Set<number>();
  const tasks = await watchTasks(page, () =>
    turnWheel(page, async (turn) => {
      // It grows while it is read.
      if (turn % 10 === 0) appendFileSync(file, line);
      if (turn % 10 === 0) rows.add(await lines.locator(".log-line").count());
    }),
  );
  await page.close();
  bench.tell(`a log of ${lineCount} lines: ${Math.max(...rows)} in the page`);
  return [
    ...renderTasks(`scrolling ${lineCount} lines of a log that grows`, tasks),
    rowsRow("lines in the page", Math.max(...rows)),
  ];
}

async function measureWorkers(bench: Bench, stage: ConsoleStage, crowd: string): Promise<Row[]> {
  const page = await stage.openPage();
  await page.goto(`${crowd}/workers`);
  await page.getByText(/^worker-0000/).waitFor();
  const rows = new Set<number>();
  const countRows = async () => rows.add(await page.getByRole("row").count());
  const tasks = await watchTasks(page, async () => {
    for (let number = 1; number <= workerCount / rowsOnPage; number += 1) {
      await page.getByRole("button", { name: `Page ${number}`, exact: true }).click();
      await turnWheel(page, async (turn) => void (turn % turnsOneWay === 0 && (await countRows())));
    }
  });
  await page.close();
  bench.tell(`${workerCount} workers: ${Math.max(...rows)} rows in the page`);
  return [
    ...renderTasks(`scrolling ${workerCount} workers that change`, tasks),
    rowsRow("rows in the page", Math.max(...rows)),
  ];
}

function rowsRow(what: string, most: number): Row {
  return {
    name: `... ${what}`,
    measured: String(most),
    target: `<= ${rowsMax}`,
    isMet: most > 1 && most <= rowsMax,
  };
}

async function turnWheel(page: Page, also: (turn: number) => Promise<void>): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) {
    const isDown = Math.floor(turn / turnsOneWay) % 2 === 0;
    await page.mouse.wheel(0, isDown ? 400 : -400);
    await also(turn);
    await page.waitForTimeout(turnMs);
  }
}
