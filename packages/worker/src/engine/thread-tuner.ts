// Chooses the number of threads for a step by what steps of its size took. llama.cpp starts the
// threads of each step anew, and they wait for each other by spinning; where a step takes a few
// milliseconds, or another program wants the same cores, that can cost more than they bring: with a
// small model and two busy cores one thread was up to ten times faster than two. Measured, not
// guessed, because it depends on the machine. Steps of one token keep to one number
// (thread-trial.ts); the results of larger steps do not depend on it.
import { listThreadCounts } from "./thread-trial.ts";

// Prompts come in few, long steps: fewer of them are spent on trying.
const promptStepTokens = 64;
const trialSteps = { decode: 5, prompt: 2 } as const;
// A step that takes this long with all cores is hardly slowed down by starting them, only by others
// who want the same cores: one step with half of them tells.
const longStepMs = 300;
// Fewer threads yet are not tried once fewer threads were this much slower.
const lossMax = 1.3;
// After this many steps the others are tried again, then after twice as many, and so on.
const firstRetrialSteps = 256;
// Weight of the newest step in the running mean.
const newestWeight = 0.15;

interface Choice {
  readonly threads: number;
  steps: number;
  meanMs: number;
}

interface SizeClass {
  readonly trialSteps: number;
  /** From all cores down to one. */
  readonly choices: readonly Choice[];
  stepsUntilRetrial: number;
  retrialSteps: number;
}

export class ThreadTuner {
  readonly #cores: number;
  readonly #decodeThreads: number;
  readonly #classes = new Map<number, SizeClass>();

  constructor(cores: number, decodeThreads: number) {
    this.#cores = cores;
    this.#decodeThreads = decodeThreads;
  }

  chooseThreads(tokens: number): number {
    if (tokens === 1) return this.#decodeThreads;
    const sizeClass = this.#findClass(tokens);
    return (findUntried(sizeClass) ?? findFastest(sizeClass.choices)).threads;
  }

  record(tokens: number, threads: number, stepMs: number): void {
    if (tokens === 1) return;
    const sizeClass = this.#findClass(tokens);
    const choice = sizeClass.choices.find((one) => one.threads === threads);
    if (choice === undefined) return;
    choice.steps += 1;
    const weight = Math.max(newestWeight, 1 / choice.steps);
    choice.meanMs += (stepMs - choice.meanMs) * weight;
    countDown(sizeClass);
  }

  #findClass(tokens: number): SizeClass {
    const size = Math.floor(Math.log2(tokens));
    let sizeClass = this.#classes.get(size);
    if (sizeClass === undefined) {
      sizeClass = {
        trialSteps: tokens < promptStepTokens ? trialSteps.decode : trialSteps.prompt,
        choices: listThreadCounts(this.#cores).map((threads) => ({ threads, steps: 0, meanMs: 0 })),
        stepsUntilRetrial: firstRetrialSteps,
        retrialSteps: firstRetrialSteps,
      };
      this.#classes.set(size, sizeClass);
    }
    return sizeClass;
  }
}

function findUntried(sizeClass: SizeClass): Choice | undefined {
  let bestMs = Number.POSITIVE_INFINITY;
  for (const choice of sizeClass.choices) {
    if (choice.steps === 0) return choice;
    const isSlower = choice.meanMs > lossMax * bestMs;
    if (isSlower && choice.meanMs > longStepMs) return undefined;
    if (choice.steps < sizeClass.trialSteps) return choice;
    if (isSlower) return undefined;
    bestMs = Math.min(bestMs, choice.meanMs);
  }
  return undefined;
}

function findFastest(choices: readonly Choice[]): Choice {
  const tried = choices.filter(({ steps }) => steps > 0);
  return tried.reduce((fastest, choice) => (choice.meanMs < fastest.meanMs ? choice : fastest));
}

function countDown(sizeClass: SizeClass): void {
  sizeClass.stepsUntilRetrial -= 1;
  if (sizeClass.stepsUntilRetrial > 0) return;
  sizeClass.retrialSteps *= 2;
  sizeClass.stepsUntilRetrial = sizeClass.retrialSteps;
  for (const choice of sizeClass.choices) choice.steps = 0;
}
