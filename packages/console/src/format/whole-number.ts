/** What a number field holds; undefined while it is empty. */
export function wholeNumber(value: number | string): number | undefined {
  return typeof value === "number" ? Math.round(value) : undefined;
}
