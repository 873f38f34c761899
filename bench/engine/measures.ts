// What is measured, each as one number of one target. Every measure takes fresh words, so that no
// prefix is left over from the round before.
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import type { BenchTarget, TokenTimes } from "./bench-target.ts";

const words = "the bee flies over a small red flower and said good morning to her friend".split(
  " ",
);
const busyPauseMs = 2;

/** A text of about this many tokens that nobody has read before. */
export function writePrompt(tokens: number, seed: number): string {
  let state = (seed + 1) * 2_654_435_761;
  const chosen = Array.from({ length: tokens }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return words[state % words.length] ?? "bee";
  });
  return chosen.join(" ");
}

export interface DecodeSetup {
  readonly streams: number;
  readonly tokensMax: number;
  readonly temperature: number;
}

/** Tokens per second of all streams together, prompts of 16 tokens included. */
export async function measureDecode(
  target: BenchTarget,
  { streams, tokensMax, temperature }: DecodeSetup,
  seed: number,
): Promise<number> {
  const startMs = performance.now();
  const running = Array.from({ length: streams }, (_, index) =>
    target.generate({ prompt: writePrompt(16, seed * 64 + index), tokensMax, temperature }),
  );
  const all = await Promise.all(running);
  const tokens = all.reduce((sum, { tokenMs }) => sum + tokenMs.length, 0);
  const endMs = Math.max(...all.map(({ tokenMs }) => tokenMs.at(-1) ?? startMs));
  return tokens / ((endMs - startMs) / 1000);
}

/**
 * Processor milliseconds per token. With one thread this says what the engine costs even on a
 * machine that others keep busy, where times by the clock say little.
 */
export async function measureDecodeWork(
  target: BenchTarget,
  setup: DecodeSetup,
  seed: number,
): Promise<number> {
  const startMs = readProcessorMs(target);
  const running = Array.from({ length: setup.streams }, (_, index) =>
    target.generate({ ...setup, prompt: writePrompt(16, seed * 64 + index) }),
  );
  const tokens = (await Promise.all(running)).reduce((sum, { tokenMs }) => sum + tokenMs.length, 0);
  return (readProcessorMs(target) - startMs) / tokens;
}

// User and system time of the process, in clock ticks of 10 ms.
function readProcessorMs({ processId }: BenchTarget): number {
  if (processId === undefined) return Number.NaN;
  const fields = readFileSync(`/proc/${processId}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

/** Milliseconds to the first token of a prompt that was never read. */
export async function measureFirstToken(
  target: BenchTarget,
  promptTokens: number,
  seed: number,
): Promise<number> {
  const prompt = writePrompt(promptTokens, seed);
  return readFirstTokenMs(await target.generate({ prompt, tokensMax: 1, temperature: 0 }));
}

/** Milliseconds to the first token when all but the last 16 tokens of the prompt were read before. */
export async function measurePrefixHit(
  target: BenchTarget,
  promptTokens: number,
  seed: number,
): Promise<number> {
  const prompt = writePrompt(promptTokens, seed);
  await target.generate({ prompt, tokensMax: 1, temperature: 0 });
  const longer = `${prompt} ${writePrompt(16, seed + 1)}`;
  const times = await target.generate({ prompt: longer, tokensMax: 1, temperature: 0 });
  if (times.cachedTokens < promptTokens / 2) {
    throw new Error(`${target.name} reused only ${times.cachedTokens} of ${times.promptTokens}`);
  }
  return readFirstTokenMs(times);
}

export interface Stall {
  /** Longest pause of the streams that were decoding. */
  readonly longestPauseMs: number;
  readonly firstTokenMs: number;
}

/** Three streams decode when a long prompt arrives. */
export async function measureStall(
  target: BenchTarget,
  promptTokens: number,
  seed: number,
): Promise<Stall> {
  const controller = new AbortController();
  const { signal } = controller;
  const decoding = Array.from({ length: 3 }, (_, index) =>
    target.generate({
      prompt: writePrompt(16, seed * 64 + index),
      tokensMax: 1000,
      temperature: 0,
      signal,
    }),
  );
  await wait(500);
  const arrivalMs = performance.now();
  const prompt = writePrompt(promptTokens, seed);
  const long = await target.generate({ prompt, tokensMax: 1, temperature: 0 });
  const firstTokenMs = readFirstTokenMs(long);
  await wait(100);
  controller.abort();
  const pauses = (await Promise.all(decoding)).map(({ tokenMs }) =>
    findLongestPause(tokenMs, arrivalMs, arrivalMs + firstTokenMs + 50),
  );
  return { longestPauseMs: Math.max(...pauses), firstTokenMs };
}

export interface CancelSetup {
  readonly promptTokens: number;
  /** More than the client stays for. */
  readonly tokensMax: number;
  /** When the client goes away, counted from the request. */
  readonly afterMs: number;
}

/** Milliseconds from the client's going away until the only slot has answered another request. */
export async function measureCancel(
  target: BenchTarget,
  { promptTokens, tokensMax, afterMs }: CancelSetup,
  seed: number,
): Promise<number> {
  const controller = new AbortController();
  const prompt = writePrompt(promptTokens, seed);
  const { signal } = controller;
  const running = target.generate({ prompt, tokensMax, temperature: 0, signal });
  await wait(afterMs);
  const startMs = performance.now();
  controller.abort();
  await running;
  await generateWhenFree(target, writePrompt(4, seed + 7));
  return performance.now() - startMs;
}

async function generateWhenFree(target: BenchTarget, prompt: string): Promise<void> {
  for (;;) {
    try {
      await target.generate({ prompt, tokensMax: 1, temperature: 0 });
      return;
    } catch (error) {
      if (!String(error).includes("503")) throw error;
      await wait(busyPauseMs);
    }
  }
}

/** Resident megabytes of the target's process. */
export function readResidentMb(target: BenchTarget): number {
  if (target.processId === undefined) return Number.NaN;
  const status = readFileSync(`/proc/${target.processId}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1024;
}

function readFirstTokenMs({ startMs, tokenMs }: TokenTimes): number {
  const [first] = tokenMs;
  if (first === undefined) throw new Error("no token came");
  return first - startMs;
}

function findLongestPause(tokenMs: readonly number[], fromMs: number, toMs: number): number {
  let longest = 0;
  for (const [index, now] of tokenMs.entries()) {
    const before = tokenMs[index - 1];
    if (before === undefined || now < fromMs || before > toMs) continue;
    longest = Math.max(longest, now - before);
  }
  return longest;
}
