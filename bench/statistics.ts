/** The value in the middle; of an even number the mean of the two. */
export function findMedian(values: readonly number[]): number {
  return findPercentile(values, 50);
}

/** Linear between the two nearest values. NaN when there is none. */
export function findPercentile(values: readonly number[], percent: number): number {
  const sorted = Float64Array.from(values).toSorted();
  const place = ((sorted.length - 1) * percent) / 100;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** `1.23 [1.20..1.31]`: the median and between what the rounds lay. */
export function renderRange(values: readonly number[], digits: number): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const text = (value: number) => value.toFixed(digits);
  return `${text(findMedian(values))} [${text(low)}..${text(high)}]`;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * Whether something grows that has to find its size first: the medians of the second third and of
 * the last, and the slope over both. What counts is what comes after the first third.
 */
export function findGrowth(points: readonly Point[]) {
  const third = Math.floor(points.length / 3);
  const medianOf = (part: readonly Point[]) => findMedian(part.map(({ y }) => y));
  return {
    middle: medianOf(points.slice(third, 2 * third)),
    end: medianOf(points.slice(2 * third)),
    slope: findSlope(points.slice(third)),
  };
}

/** How steep the straight line with the least squares is: `y` for each step of `x`. */
export function findSlope(points: readonly Point[]): number {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const middle = { x: mean(points.map(({ x }) => x)), y: mean(points.map(({ y }) => y)) };
  const covariance = points.map(({ x, y }) => (x - middle.x) * (y - middle.y));
  const variance = points.map(({ x }) => (x - middle.x) ** 2);
  return mean(covariance) / mean(variance);
}
