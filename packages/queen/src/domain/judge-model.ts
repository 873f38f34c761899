/** Who asks, as far as it matters to which models are open to it. */
export interface ModelWish {
  /** References and patterns that a key is for; undefined: all. */
  readonly models: readonly string[] | undefined;
  /** The reference asked for, in its canonical form. */
  readonly model: string;
}

/**
 * Whether a key is for that model. An entry is the reference itself, or its beginning up to a `/`
 * or `:` and then `*`: `hf:org/*`, `hf:org/repo:*`, `file:/models/*`.
 */
export function judgeModel({ models, model }: ModelWish): boolean {
  return models === undefined || models.some((entry) => covers(entry, model));
}

function covers(entry: string, model: string): boolean {
  if (!entry.endsWith("*")) return entry === model;
  // A way back up would leave the folder that the pattern names.
  const leavesFolder = model.split("/").some((part) => part === ".." || part === ".");
  return !leavesFolder && model.startsWith(entry.slice(0, -1));
}
