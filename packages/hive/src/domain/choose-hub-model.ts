/** A file of a repository at the hub. */
export interface HubFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** In hex digits; null for a file that the hub keeps no digest of. */
  readonly sha256: string | null;
}

/** A model at the hub: one file, or all parts of a split one in their order. */
export interface HubModel {
  /** Its quantisation as the file's name says it: `Q4_K_M`. */
  readonly variant: string | null;
  readonly files: readonly HubFile[];
}

export type HubChoice =
  | { readonly isFound: true; readonly model: HubModel; readonly modelCount: number }
  | { readonly isFound: false; readonly candidates: readonly string[] };

interface Wanted {
  readonly variant?: string | undefined;
  readonly file?: string | undefined;
}

/**
 * Which quantisation stands for a whole repository: the first of these that is there. Four bits
 * with good quality first, as most people's memory wants it; then more bits, then fewer, then none.
 */
export const quantizationPreference = [
  "Q4_K_M",
  "Q4_K_L",
  "Q4_K_XL",
  "Q4_K_S",
  "Q5_K_M",
  "Q5_K_L",
  "Q5_K_S",
  "Q4_0",
  "Q4_1",
  "IQ4_NL",
  "IQ4_XS",
  "MXFP4",
  "Q5_0",
  "Q5_1",
  "Q6_K",
  "Q6_K_L",
  "Q8_0",
  "Q3_K_L",
  "Q3_K_M",
  "Q3_K_S",
  "IQ3_M",
  "IQ3_S",
  "IQ3_XS",
  "IQ3_XXS",
  "Q2_K",
  "IQ2_M",
  "IQ2_S",
  "IQ2_XS",
  "IQ2_XXS",
  "F16",
  "BF16",
  "F32",
] as const;

const quantizationName =
  /(?<![A-Za-z0-9])(?:(?:I?Q|TQ)\d(?:_[A-Za-z0-9]+)*|BF16|FP?16|FP?32|MXFP4)(?![A-Za-z0-9])/gi;
const splitName = /^(?<stem>.*)-(?<part>\d{5})-of-(?<total>\d{5})\.gguf$/i;
// oxlint-disable-next-line no-control-regex -- control characters have no business in a path
const safePart = /^[^.\\:\u0000-\u001f][^\\:\u0000-\u001f]*$/;
// Files that help to make or to extend a model and are none.
const companionName = /(?:^|[-_.])(?:mmproj|imatrix)/i;

/** The model of a repository that a reference means. */
export function chooseHubModel(files: readonly HubFile[], wanted: Wanted): HubChoice {
  const models = listModels(files.filter(({ path }) => isModelPath(path)));
  const choice = chooseModel(models, wanted);
  if (choice !== undefined) {
    return { isFound: true, model: choice, modelCount: models.length };
  }
  return { isFound: false, candidates: models.map(firstPath).toSorted() };
}

function chooseModel(models: readonly HubModel[], wanted: Wanted): HubModel | undefined {
  const { file, variant } = wanted;
  if (file !== undefined) {
    return models.find(({ files }) => files.some(({ path }) => path === file));
  }
  const usable = models.filter((model) => !companionName.test(lastName(firstPath(model))));
  const fitting =
    variant === undefined
      ? usable
      : usable.filter((model) => model.variant === normalizeQuantization(variant));
  return fitting.toSorted(compareModels)[0];
}

// Of two equal ones the one with the shorter path: what was added to it makes the other special.
function compareModels(one: HubModel, other: HubModel): number {
  const [path, otherPath] = [firstPath(one), firstPath(other)];
  return (
    rankOf(one) - rankOf(other) ||
    path.length - otherPath.length ||
    (path < otherPath ? -1 : Number(path > otherPath))
  );
}

function rankOf({ variant }: HubModel): number {
  const names: readonly (string | null)[] = quantizationPreference;
  const rank = names.indexOf(variant);
  if (rank !== -1) return rank;
  return variant === null ? names.length + 1 : names.length;
}

function listModels(files: readonly HubFile[]): HubModel[] {
  const models: HubModel[] = [];
  const splits = new Map<string, HubFile[]>();
  for (const file of files) {
    const { stem, total } = splitName.exec(file.path)?.groups ?? {};
    if (stem === undefined || total === undefined) {
      models.push({ variant: quantizationOf(file.path), files: [file] });
      continue;
    }
    const key = `${stem}-of-${total}`;
    splits.set(key, [...(splits.get(key) ?? []), file]);
  }
  for (const parts of splits.values()) {
    parts.sort((one, other) => (one.path < other.path ? -1 : 1));
    const { stem = "", total = "0" } = splitName.exec(parts[0]?.path ?? "")?.groups ?? {};
    // A part that is missing at the hub makes all others useless.
    if (parts.length === Number(total)) {
      models.push({ variant: quantizationOf(`${stem}.gguf`), files: parts });
    }
  }
  return models;
}

/** The quantisation in a file's name, or in its folder's: repositories of split files have those. */
export function quantizationOf(path: string): string | null {
  const [name = "", folder = ""] = path
    .replace(/\.gguf$/i, "")
    .split("/")
    .toReversed();
  const found = name.match(quantizationName)?.at(-1) ?? folder.match(quantizationName)?.at(-1);
  return found === undefined ? null : normalizeQuantization(found);
}

function normalizeQuantization(name: string): string {
  return name.toUpperCase().replace(/^FP/, "F");
}

// What the hub lists becomes a path on this machine.
function isModelPath(path: string): boolean {
  return path.split("/").every((part) => safePart.test(part)) && /\.gguf$/i.test(path);
}

function firstPath({ files }: HubModel): string {
  return files[0]?.path ?? "";
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
