/** What stands for all values beyond the limit. */
export const otherLabel = "other";

/**
 * Keeps the values of a label few: the first `max` different ones are themselves, everything after
 * them is "other". Each value of a label costs memory here and at every Prometheus for good.
 */
export function createBoundedLabel(max: number): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (!known.has(value) && known.size >= max) return otherLabel;
    known.add(value);
    return value;
  };
}
