import assert from "node:assert/strict";
import { test } from "node:test";
import { findDecodeThreads, listThreadCounts } from "./thread-trial.ts";
import { ThreadTuner } from "./thread-tuner.ts";

function settle(tuner: ThreadTuner, tokens: number, stepMs: (threads: number) => number): number {
  for (let step = 0; step < 200; step += 1) {
    const threads = tuner.chooseThreads(tokens);
    tuner.record(tokens, threads, stepMs(threads));
  }
  return tuner.chooseThreads(tokens);
}

test("steps settle on the number of threads that was fastest", () => {
  assert.equal(
    settle(new ThreadTuner(8, 1), 8, (threads) => 10 / threads),
    8,
  );
  assert.equal(
    settle(new ThreadTuner(8, 1), 8, (threads) => 5 * threads),
    1,
  );
  assert.equal(
    settle(new ThreadTuner(8, 1), 8, (threads) => Math.abs(threads - 4) + 1),
    4,
  );
});

test("sizes of steps are judged apart", () => {
  const tuner = new ThreadTuner(4, 1);
  assert.equal(
    settle(tuner, 2, (threads) => threads),
    1,
  );
  assert.equal(
    settle(tuner, 32, (threads) => 100 / threads),
    4,
  );
  assert.equal(tuner.chooseThreads(2), 1);
});

test("a machine that changes is noticed", () => {
  const tuner = new ThreadTuner(2, 1);
  settle(tuner, 8, (threads) => 10 / threads);
  let last = 0;
  for (let round = 0; round < 4; round += 1) last = settle(tuner, 8, (threads) => 50 * threads);
  assert.equal(last, 1);
});

test("one token keeps to its number of threads", () => {
  const tuner = new ThreadTuner(4, 2);
  assert.equal(
    settle(tuner, 1, (threads) => threads),
    2,
  );
});

test("a long prompt tries fewer threads once when they are slower", () => {
  const tuner = new ThreadTuner(4, 1);
  const tried: number[] = [];
  settle(tuner, 300, (threads) => {
    tried.push(threads);
    return 2000 / threads;
  });
  assert.equal(tried.filter((threads) => threads !== 4).length, 1);
});

test("long steps take fewer threads when those are faster", () => {
  const tuner = new ThreadTuner(2, 1);
  assert.equal(
    settle(tuner, 16, (threads) => (threads === 1 ? 20 : 2000)),
    1,
  );
});

test("trying ends with the first number of threads that is much slower", () => {
  const tuner = new ThreadTuner(16, 1);
  const tried = new Set<number>();
  settle(tuner, 8, (threads) => {
    tried.add(threads);
    return 160 / threads;
  });
  assert.deepEqual([...tried], [16, 8]);
});

test("thread counts are halved from all cores to one", () => {
  assert.deepEqual(listThreadCounts(12), [12, 6, 3, 1]);
  assert.deepEqual(listThreadCounts(1), [1]);
});

test("the trial takes more threads only as long as they bring much", async () => {
  assert.equal(await findDecodeThreads(8, async (threads) => 8 / threads), 8);
  assert.equal(await findDecodeThreads(8, async (threads) => 8 / Math.min(threads, 2)), 2);
  assert.equal(await findDecodeThreads(8, async (threads) => 7 + 1 / threads), 1);
});

test("the trial of a large model ends with one step that fewer cores make longer", async () => {
  const tried: number[] = [];
  const threads = await findDecodeThreads(8, async (count) => {
    tried.push(count);
    return 4000 / count;
  });
  assert.equal(threads, 8);
  assert.deepEqual(tried, [8, 8, 4]);
});

test("a small model whose threads wait for busy cores is not taken for a large one", async () => {
  const threads = await findDecodeThreads(2, async (count) => (count === 1 ? 5 : 700));
  assert.equal(threads, 1);
});
