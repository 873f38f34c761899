import type { LlamaEmbeddingContext, LlamaRankingContext, Token } from "node-llama-cpp";
import { EngineError, type ModelFacts, type RankPair } from "../engine.ts";

export interface VectorParts {
  readonly facts: ModelFacts;
  openEmbeddings(): Promise<LlamaEmbeddingContext>;
  openRanking(): Promise<LlamaRankingContext>;
}

/** The contexts that embed and rank; made when the first text comes, since most models chat. */
export class VectorContexts {
  readonly #parts: VectorParts;
  #embeddings: Promise<LlamaEmbeddingContext> | undefined;
  #ranking: Promise<LlamaRankingContext> | undefined;

  constructor(parts: VectorParts) {
    this.#parts = parts;
  }

  /** The tokens that are read for a text, with what the model wants around it. */
  async countEmbedTokens(tokens: readonly number[]): Promise<number> {
    const context = await this.#requireEmbeddings();
    return context.calculateInputLength([...tokens] as Token[]);
  }

  async embed(tokens: readonly number[], signal: AbortSignal): Promise<readonly number[]> {
    signal.throwIfAborted();
    const context = await this.#requireEmbeddings();
    signal.throwIfAborted();
    const { vector } = await context.getEmbeddingFor([...tokens] as Token[]);
    const length = Math.hypot(...vector);
    return length === 0 ? vector : vector.map((value) => value / length);
  }

  async countRankTokens({ query, document }: RankPair): Promise<number> {
    const context = await this.#requireRanking();
    return context.calculateInputLength(plain(query, context), plain(document, context));
  }

  async rank({ query, document }: RankPair, signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    const context = await this.#requireRanking();
    signal.throwIfAborted();
    return await context.rank(plain(query, context), plain(document, context));
  }

  async close(): Promise<void> {
    const contexts = await Promise.allSettled([this.#embeddings, this.#ranking]);
    for (const context of contexts) {
      if (context.status === "fulfilled") await context.value?.dispose();
    }
  }

  async #requireEmbeddings(): Promise<LlamaEmbeddingContext> {
    if (!this.#parts.facts.canEmbed) throw unsupported("embed texts");
    this.#embeddings ??= this.#parts.openEmbeddings();
    // The next request tries again: memory may be free by then.
    this.#embeddings.catch(() => (this.#embeddings = undefined));
    return await this.#embeddings;
  }

  async #requireRanking(): Promise<LlamaRankingContext> {
    if (!this.#parts.facts.canRank) throw unsupported("rank documents");
    this.#ranking ??= this.#parts.openRanking();
    this.#ranking.catch(() => (this.#ranking = undefined));
    return await this.#ranking;
  }
}

// The context puts begin tokens where they belong.
function plain(tokens: readonly number[], { model }: LlamaRankingContext): Token[] {
  return (tokens[0] === model.tokens.bos ? tokens.slice(1) : [...tokens]) as Token[];
}

function unsupported(ability: string): EngineError {
  return new EngineError("unsupported", `The model cannot ${ability}.`);
}
