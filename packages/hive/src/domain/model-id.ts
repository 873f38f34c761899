interface ModelIdInput {
  /** Of the model's file, or of the first part of a split one. */
  readonly fileName: string;
  /** Hex digits of the SHA-256 of the model's reference. */
  readonly referenceSha256: string;
  readonly isTaken: (id: string) => boolean;
}

const splitSuffix = /-\d{5}-of-\d{5}$/;
const digestStep = 6;

/**
 * The id of a model in the catalogue: its file name in lower case without `.gguf`. Where another
 * model has that id already, six digits of the reference's digest follow, and more if need be.
 */
export function modelId({ fileName, referenceSha256, isTaken }: ModelIdInput): string {
  const id = fileName
    .toLowerCase()
    .replace(/\.gguf$/, "")
    .replace(splitSuffix, "");
  if (!isTaken(id)) return id;
  for (let digits = digestStep; digits < referenceSha256.length; digits += digestStep) {
    const longer = `${id}-${referenceSha256.slice(0, digits)}`;
    if (!isTaken(longer)) return longer;
  }
  return `${id}-${referenceSha256}`;
}
