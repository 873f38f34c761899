export type Random = ReturnType<typeof createRandom>;

/** Pseudo-random numbers that are the same for the same seed (mulberry32). */
export function createRandom(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    below: (limit: number) => Math.floor(next() * limit),
    between: (low: number, high: number) => low + next() * (high - low),
    /** Waiting times of what happens independently, with this mean. */
    exponential: (mean: number) => -Math.log(1 - next()) * mean,
    /** An index below the length of these cumulated weights. */
    weighted(cumulated: readonly number[]): number {
      const wanted = next() * (cumulated.at(-1) ?? 0);
      let low = 0;
      let high = cumulated.length - 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((cumulated[middle] ?? 0) > wanted) high = middle;
        else low = middle + 1;
      }
      return low;
    },
  };
}

/** Zipf's law: the n-th is asked for 1/n as often as the first; cumulated. */
export function zipf(count: number): number[] {
  let sum = 0;
  return Array.from({ length: count }, (_, index) => (sum += 1 / (index + 1)));
}
