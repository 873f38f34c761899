/** What the size of the attention cache follows from; null where the file does not say. */
export interface ModelShape {
  readonly layers: number;
  readonly embeddingLength: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly keyLength: number;
  readonly valueLength: number;
}

/** A model whose file is on this machine, as the catalogue knows it. */
export interface CatalogueModel {
  readonly id: string;
  readonly provider: "bundled" | "file" | "hf";
  readonly reference: string;
  readonly variant: string | null;
  readonly digest: string | null;
  readonly localPath: string;
  readonly sizeBytes: number;
  readonly architecture: string | null;
  readonly quantization: string | null;
  readonly parameters: number | null;
  readonly contextLength: number | null;
  readonly vocabularySize: number | null;
  readonly eosTokenId: number | null;
  readonly hasChatTemplate: boolean;
  readonly shape: ModelShape | null;
  readonly downloadedAtUnix: number;
  readonly lastUsedUnix: number | null;
  readonly useCount: number;
}
