import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AxeResults } from "axe-core";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import {
  browserObstacle,
  copyInstallation,
  createBox,
  ensureConsole,
  openBrowser,
  testedInstallation,
} from "@rbee/testkit";
import type { Box, BoxOptions } from "@rbee/testkit";

/** Why the console cannot be tested here; false when it can. */
export const skip = browserObstacle() ?? false;

/** A queen with her console, and a browser to look at it. */
export interface Stage extends AsyncDisposable {
  readonly box: Box;
  readonly browser: Browser;
  readonly open: (path?: string, options?: BrowserContextOptions) => Promise<Tab>;
}

/** A page of the console, and everything that was wrong with it. */
export interface Tab {
  readonly page: Page;
  /** Waits for the page with this first heading. */
  readonly heading: (name: string) => Promise<void>;
  /** Goes to a page as a person does: by the menu. */
  readonly go: (name: string) => Promise<void>;
  readonly button: (name: string) => Locator;
  /** Errors of the console, refused by the page's policy, or asked of another origin. */
  readonly problems: () => readonly string[];
}

// A person is gone after that; a machine that runs many tests at once is slow.
const patienceMs = 30_000;

export async function openStage(options: BoxOptions = {}): Promise<Stage> {
  const from = testedInstallation();
  const copy = mkdtempSync(join(tmpdir(), "rbee-console-"));
  const { version } = from;
  const built = await ensureConsole();
  const installationRoot = copyInstallation({ from, to: copy, version, console: built });
  const box = await createBox({ installationRoot, ...options });
  const browser = await openBrowser();
  await box.startQueenAsOperator();
  return {
    box,
    browser,
    open: (path = "/", context = {}) => openTab({ box, browser, path, context }),
    async [Symbol.asyncDispose]() {
      await browser.close();
      await box.close();
      rmSync(copy, { recursive: true, force: true });
    },
  };
}

interface TabInput {
  readonly box: Box;
  readonly browser: Browser;
  readonly path: string;
  readonly context: BrowserContextOptions;
}

async function openTab({ box, browser, path, context }: TabInput): Promise<Tab> {
  const origin = `http://127.0.0.1:${box.queenPort}`;
  // What fades in has no colours of its own until it is there.
  const page = await browser.newPage({ reducedMotion: "reduce", ...context });
  page.setDefaultTimeout(patienceMs);
  const problems: string[] = [];
  page.on("console", (message) => {
    const text = message.text();
    if (message.type() === "error" && !isRefusedAnswer(text)) problems.push(text);
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => {
    const url = new URL(request.url());
    const isOwn = url.origin === origin || ["data:", "blob:"].includes(url.protocol);
    if (!isOwn) problems.push(`asked ${request.url()}`);
  });
  await page.goto(`${origin}${path}`);
  const heading = (name: string) =>
    page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
  return {
    page,
    heading,
    async go(name) {
      await page.getByRole("navigation").getByRole("link", { name, exact: true }).click();
      await heading(name);
    },
    button: (name) => page.getByRole("button", { name, exact: true }),
    problems: () => problems,
  };
}

// The browser's own line about an answer that is no 2xx, or about a queen who is away: the console
// tells these in words of its own, which tests look for.
function isRefusedAnswer(text: string): boolean {
  return text.startsWith("Failed to load resource:");
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.js"), "utf8");

/** Fails with everything that axe finds wrong with what is on the screen now. */
export async function assertAccessible({ page }: Tab, what: string): Promise<void> {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate<AxeResults>("axe.run()");
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = "" }) => `${id}: ${html}\n  ${failureSummary}`),
  );
  assert.deepEqual(found, [], `axe on ${what}`);
}

/** Fails when the page is wider than its window. */
export async function assertNoSideways({ page }: Tab, what: string): Promise<void> {
  const { wide, window } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    window: document.documentElement.clientWidth,
  }));
  assert.ok(wide <= window, `${what} is ${wide} pixels wide in a window of ${window}`);
}
