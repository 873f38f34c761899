// Makes docs/console/*.png: every page of the console, light, dark and on a phone, of a real queen
// with a real model: `node scripts/with-node24.mjs scripts/console-screenshots.ts`.
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { createBox, openBrowser } from "@rbee/testkit";
import type { Box } from "@rbee/testkit";
import { installConsole } from "./install-console.ts";

const root = dirname(import.meta.dirname);
const output = join(root, "docs/console");
const pages = [
  ["overview", "/"],
  ["chat", "/chat"],
  ["models", "/models"],
  ["workers", "/workers"],
  ["requests", "/requests"],
  ["machines", "/nodes"],
  ["keys", "/keys"],
  ["settings", "/settings"],
] as const;
const desk = { width: 1100, height: 720 };
const looks: Readonly<Record<string, BrowserContextOptions>> = {
  light: { colorScheme: "light", viewport: desk },
  dark: { colorScheme: "dark", viewport: desk },
  phone: { colorScheme: "light", viewport: { width: 390, height: 780 } },
};
const settleMs = 1200;

mkdirSync(output, { recursive: true });
await installConsole(join(root, "dist/console"));
const box = await createBox();
const browser = await openBrowser();
try {
  await box.startQueenAsOperator();
  await askSomething(box);
  for (const [look, context] of Object.entries(looks)) await takeAll(browser, look, context);
} finally {
  await browser.close();
  await box.close();
}

async function askSomething({ queen }: Box): Promise<void> {
  for (const prompt of ["Once upon a time", "A bee is"]) {
    const body = { model: "hello-bee", prompt, max_tokens: 40 };
    for await (const _event of await queen().stream("createTask", { body }));
  }
}

async function takeAll(from: Browser, look: string, context: BrowserContextOptions): Promise<void> {
  const page = await from.newPage({ ...context, reducedMotion: "reduce" });
  await page.goto(`http://127.0.0.1:${box.queenPort}/chat`);
  await talk(page);
  for (const [name, path] of pages) {
    await page.goto(`http://127.0.0.1:${box.queenPort}${path}`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.waitForTimeout(settleMs);
    await page.screenshot({ path: join(output, `${name}-${look}.png`) });
  }
  await page.close();
}

async function talk(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Begin a chat" }).click();
  await page.getByLabel("Your message", { exact: true }).fill("Tell me of a bee");
  await page.keyboard.press("Enter");
  await page
    .getByText(/tokens\/s/)
    .last()
    .waitFor();
}
