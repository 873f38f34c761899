// How many threads decode one sequence fastest here, found out once while the model opens. It is
// not changed later: flash attention splits a long context by threads, and the same request must
// give the same text.

const trialSteps = 4;
// Where a step of all cores takes longer than this, the model is large and starting threads does
// not matter: all cores. Unless fewer are faster: then others want these cores, and threads that
// wait for each other make a small model's step as long as that.
const longStepMs = 100;
// Twice the threads must bring this much. Threads wait for each other by spinning, so on a machine
// with other work many threads can lose a hundredfold; one thread never loses more than its share.
const gainMin = 1.25;

/** `decode` takes one step with so many threads and says how many milliseconds it took. */
export async function findDecodeThreads(
  cores: number,
  decode: (threads: number) => Promise<number>,
): Promise<number> {
  if (cores === 1) return 1;
  // The first step reads the weights from disk and says nothing about threads.
  await decode(cores);
  const allMs = await decode(cores);
  if (allMs > longStepMs && (await decode(Math.floor(cores / 2))) > allMs) return cores;
  let chosen = 1;
  let chosenMs = await measureMean(chosen, decode);
  for (const threads of listThreadCounts(cores).toReversed().slice(1)) {
    const meanMs = await measureMean(threads, decode);
    if (meanMs * gainMin > chosenMs) break;
    [chosen, chosenMs] = [threads, meanMs];
  }
  return chosen;
}

async function measureMean(
  threads: number,
  decode: (threads: number) => Promise<number>,
): Promise<number> {
  let sumMs = 0;
  for (let step = 0; step < trialSteps; step += 1) sumMs += await decode(threads);
  return sumMs / trialSteps;
}

/** All cores, half of them, and so on down to one. */
export function listThreadCounts(cores: number): readonly number[] {
  const counts: number[] = [];
  for (let threads = cores; threads >= 1; threads = Math.floor(threads / 2)) counts.push(threads);
  return counts;
}
