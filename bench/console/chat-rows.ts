import type { Page } from "playwright-core";
import { eventually } from "@rbee/testkit";
import type { Bench, Row } from "../section.ts";
import type { ConsoleStage } from "./open-console-stage.ts";
import { renderTasks } from "./render-tasks.ts";
import { watchTasks } from "./watch-tasks.ts";

// More than half a minute of it.
const tokens = 3600;
const rateMin = 95;
const answerLimitMs = 120_000;
const lookEveryMs = 500;

/** A person watches a long answer with code come at the pace of a fast machine. */
export async function measureChat(bench: Bench, stage: ConsoleStage): Promise<Row[]> {
  const page = await stage.openPage();
  await page.goto(`${stage.origin}/chat`);
  await page.getByRole("button", { name: "Begin a chat" }).click();
  await ask(page, 1);
  bench.tell(`chat: a worker is loaded; ${tokens} tokens follow`);
  await page.getByRole("button", { name: "Options", exact: true }).click();
  const tasks = await watchTasks(page, () => ask(page, tokens));
  const rate = await readRate(page);
  const shown = await page.locator(".markdown pre").count();
  await page.close();
  return [
    ...renderTasks(`chat, ${tokens} tokens of Markdown and code`, tasks),
    {
      name: "... tokens that came",
      measured: `${rate.toFixed(0)} per second, ${shown} blocks of code`,
      target: `>= ${rateMin} per second`,
      isMet: rate >= rateMin,
    },
  ];
}

async function ask(page: Page, count: number): Promise<void> {
  await page.getByLabel("Tokens at most").fill(String(count));
  await page.getByLabel("Your message", { exact: true }).fill("How does a hive work?");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Stop", exact: true }).waitFor();
  // Seldom, and by one look: to search the page all the while would be measured with it.
  await eventually(async () => !(await page.evaluate<boolean>(isAnswering)), {
    intervalMs: lookEveryMs,
    timeoutMs: answerLimitMs,
    what: "the end of the answer",
  });
}

const isAnswering = `document.querySelector(".chat-composer").textContent.includes("Stop")`;

async function readRate(page: Page): Promise<number> {
  const told = await page.getByText(new RegExp(`^${tokens} tokens, `)).innerText();
  return Number(/([\d.]+) tokens\/s/.exec(told)?.[1] ?? Number.NaN);
}
