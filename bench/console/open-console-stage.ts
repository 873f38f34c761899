import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { BrowserContextOptions, Page } from "playwright-core";
import { openBrowser } from "@rbee/testkit";
import type { Box } from "@rbee/testkit";
import type { Bench } from "../section.ts";
import { buildLongAnswer } from "./long-answer.ts";

/** A queen with her console, as a person has them, and a browser that has seen nothing yet. */
export interface ConsoleStage {
  readonly box: Box;
  readonly origin: string;
  /** A page of a browser profile of its own: nothing is in its caches. */
  readonly openPage: (options?: BrowserContextOptions) => Promise<Page>;
}

export interface StageOptions {
  readonly installationRoot: string;
  /** Between two tokens of an answer. */
  readonly tokenMs: number;
}

const desk = { width: 1280, height: 800 };
const patienceMs = 60_000;

/**
 * The worker is the testkit's scripted one: it says the same long answer at a set pace. All else is
 * what people install.
 */
export async function openConsoleStage(
  bench: Bench,
  { installationRoot, tokenMs }: StageOptions,
): Promise<ConsoleStage> {
  const box = await bench.openBox({ installationRoot });
  box.configure({ worker: { manifest: writeManifest(box, tokenMs) } });
  await box.startQueenAsOperator();
  const browser = await openBrowser();
  bench.onEnd(() => browser.close());
  return {
    box,
    origin: `http://127.0.0.1:${box.queenPort}`,
    async openPage(options = {}) {
      const page = await browser.newPage({ viewport: desk, ...options });
      page.setDefaultTimeout(patienceMs);
      return page;
    },
  };
}

function writeManifest(box: Box, tokenMs: number): string {
  const testkit = createRequire(import.meta.url).resolve("@rbee/testkit");
  const program = join(testkit, "../scripted-worker.ts");
  const answer = join(box.root, "answer.md");
  writeFileSync(answer, buildLongAnswer());
  const words = ["--layers", "1", "--layer-ms", "1", "--say-file", answer];
  const command = [process.execPath, program, ...words, "--token-ms", String(tokenMs)];
  const file = join(box.root, "worker.json");
  const manifest = { name: "scripted-worker", engine: "scripted", command, backends: ["cpu"] };
  writeFileSync(file, JSON.stringify(manifest));
  return file;
}
