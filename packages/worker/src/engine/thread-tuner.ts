// Chooses the number of threads for a step by what steps of its size took. llama.cpp starts the
// threads of each step anew; where a step takes a few milliseconds, or another program wants the
// same cores, waiting for them can cost more than they bring: with a small model and two cores one
// thread was up to ten times faster than two. Measured, not guessed, because it depends on the
// machine. Steps of one token keep to one number (thread-trial.ts); the results of larger steps do
// not depend on it.
import { listThreadCounts } from "./thread-trial.ts";

// Steps of this many tokens take long enough for all cores to pay.
const largeStepTokens = 64;
const trialSteps = 5;
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
    if (tokens >= largeStepTokens) return this.#cores;
    const sizeClass = this.#findClass(tokens);
    const untried = sizeClass.choices.find(({ steps }) => steps < trialSteps);
    return (untried ?? findFastest(sizeClass.choices)).threads;
  }

  record(tokens: number, threads: number, stepMs: number): void {
    if (tokens === 1 || tokens >= largeStepTokens) return;
    const sizeClass = this.#findClass(tokens);
    const choice = sizeClass.choices.find((one) => one.threads === threads);
    if (choice === undefined) return;
    choice.steps += 1;
    const weight = Math.max(newestWeight, 1 / choice.steps);
    choice.meanMs += (stepMs - choice.meanMs) * weight;
    this.#countDown(sizeClass);
  }

  #countDown(sizeClass: SizeClass): void {
    sizeClass.stepsUntilRetrial -= 1;
    if (sizeClass.stepsUntilRetrial > 0) return;
    sizeClass.retrialSteps *= 2;
    sizeClass.stepsUntilRetrial = sizeClass.retrialSteps;
    for (const choice of sizeClass.choices) choice.steps = 0;
  }

  #findClass(tokens: number): SizeClass {
    const size = Math.floor(Math.log2(tokens));
    let sizeClass = this.#classes.get(size);
    if (sizeClass === undefined) {
      sizeClass = {
        choices: listThreadCounts(this.#cores).map((threads) => ({ threads, steps: 0, meanMs: 0 })),
        stepsUntilRetrial: firstRetrialSteps,
        retrialSteps: firstRetrialSteps,
      };
      this.#classes.set(size, sizeClass);
    }
    return sizeClass;
  }
}

function findFastest(choices: readonly Choice[]): Choice {
  return choices.reduce((fastest, choice) => (choice.meanMs < fastest.meanMs ? choice : fastest));
}
