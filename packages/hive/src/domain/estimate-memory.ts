import type { CatalogueModel } from "./catalogue-model.ts";

/** How a worker is going to run a model. */
export interface RunShape {
  readonly slots: number;
  /** Tokens per slot. */
  readonly context: number;
}

type EstimateModel = Pick<
  CatalogueModel,
  "sizeBytes" | "shape" | "vocabularySize" | "contextLength"
>;

// What the worker's engine does with llama.cpp: half-precision keys and values, contexts rounded up
// to 256 tokens, batches of at most 512 tokens, single-precision activations.
const cacheElementBytes = 2;
const contextStep = 256;
const batchTokens = 512;
const activationBytes = 4;
// Graph, scheduler and output buffers, which do not follow from the shape: at most 1.3 MB measured.
const fixedBytes = 2 * 1_048_576;

/**
 * Memory that llama.cpp takes for a model, in bytes; undefined when the file does not tell its
 * shape. It is the sum of
 * 1. the weights: the size of the file;
 * 2. the cache: slots x context x layers x key-value heads x (key + value length) x 2 bytes;
 * 3. the largest step of the computation for one batch: the logits (vocabulary) and two rows of
 *    activations, or, where key and value length differ and llama.cpp cannot use flash attention,
 *    the attention scores of one layer (heads x context), whichever is more.
 * Sliding windows and recurrent layers need less than this; the estimate stays on the safe side.
 */
export function estimateMemory(model: EstimateModel, run: RunShape): number | undefined {
  const { shape, vocabularySize } = model;
  if (shape === null || vocabularySize === null) return undefined;
  const context = Math.min(run.context, model.contextLength ?? run.context);
  const cells = Math.ceil(context / contextStep) * contextStep;
  const cellBytes =
    shape.layers * shape.keyValueHeads * (shape.keyLength + shape.valueLength) * cacheElementBytes;
  const outputElements = vocabularySize + 2 * shape.embeddingLength;
  const scoreElements = shape.keyLength === shape.valueLength ? 0 : shape.heads * cells;
  const computeBytes = batchTokens * activationBytes * Math.max(outputElements, scoreElements);
  return Math.ceil(model.sizeBytes + run.slots * cells * cellBytes + computeBytes + fixedBytes);
}
