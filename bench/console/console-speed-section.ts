import type { Section } from "../section.ts";
import { measureChat } from "./chat-rows.ts";
import { measureLoad } from "./load-rows.ts";
import { ensureBundle } from "../ensure-bundle.ts";
import { openConsoleStage } from "./open-console-stage.ts";
import { measureScrolling } from "./scroll-rows.ts";

// With what a timer takes besides, a hundred tokens per second.
const tokenMs = 9;

/** What the console is to the hands of a person: how soon it answers, and whether it ever halts. */
export const consoleSpeedSection: Section = {
  name: "console-speed",
  summary: "the console in Chromium: first load, scrolling, an answer at 100 tokens per second",
  limitMs: 600_000,
  async run(bench) {
    const stage = await openConsoleStage(bench, {
      installationRoot: ensureBundle(bench.tell),
      tokenMs,
    });
    return [
      ...(await measureLoad(bench, stage)),
      ...(await measureScrolling(bench, stage)),
      ...(await measureChat(bench, stage)),
    ];
  },
};
