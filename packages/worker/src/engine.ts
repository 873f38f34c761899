/**
 * The port between the worker and whatever computes tokens. `engine/llama-engine.ts` is the one
 * implementation for llama.cpp; nothing else in rbee knows which library does the work.
 */

import type { ToolSyntax } from "./tools/tool-syntax.ts";

/** What a model needs to be opened. Paths are absolute, counts are positive integers. */
export interface EngineOptions {
  readonly modelPath: string;
  /** `cpu`, `cuda`, `metal`, `vulkan` or `rocm`. */
  readonly backend: string;
  /** Index of the GPU among those of the backend; ignored on the CPU. */
  readonly device: number;
  /** Sequences that are decoded together in one context. */
  readonly slots: number;
  /** Tokens per slot. The engine uses the smaller of this and the model's own context. */
  readonly contextSize: number;
  /** Threads that compute; absent means what pays on this machine, found out by measuring. */
  readonly threads?: number;
  /** Called while weights load; fractions rise from 0 to 1. */
  readonly onProgress: (progress: LoadProgress) => void;
  /** Called after each step with the tokens that it computed, for all slots together. */
  readonly onStep?: ((tokens: number, stepMs: number) => void) | undefined;
  readonly signal: AbortSignal;
}

export interface LoadProgress {
  readonly layersLoaded: number;
  readonly layersTotal: number;
  /** Megabytes (1,048,576 bytes) of weights in memory so far, whatever kind of memory it is. */
  readonly loadedMb: number;
}

export interface ModelFacts {
  readonly architecture: string;
  readonly trainedContextSize: number;
  /** Tokens per slot that the engine really has. */
  readonly contextSize: number;
  readonly vocabularySize: number;
  readonly layers: number;
  readonly hasChatTemplate: boolean;
  /** How the model writes function calls; undefined without a chat template. */
  readonly toolSyntax: ToolSyntax | undefined;
  /** Whether it has what each of these needs: some models only embed, or only rank. */
  readonly canGenerate: boolean;
  readonly canEmbed: boolean;
  readonly canRank: boolean;
  /** Sampling defaults written in the model file (`general.sampling.*`), when there are any. */
  readonly samplingDefaults: Partial<Pick<Sampling, "temperature" | "topP" | "topK" | "minP">>;
}

export interface Sampling {
  readonly temperature: number;
  readonly topP: number;
  readonly topK: number;
  readonly minP: number;
  readonly repetitionPenalty: number;
  readonly frequencyPenalty: number;
  readonly presencePenalty: number;
  readonly seed?: number;
}

export interface ChatMessage {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content: string;
  /** What an assistant has called. */
  readonly toolCalls?: readonly ToolCall[];
  /** In a message of role `tool`: the call that it answers. */
  readonly toolCallId?: string;
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON as text. */
  readonly arguments: string;
}

/** A function that the model may call. */
export interface Tool {
  readonly name: string;
  readonly description?: string;
  /** A JSON schema. */
  readonly parameters?: Readonly<Record<string, unknown>>;
}

export type EnginePrompt =
  | { readonly text: string }
  | { readonly messages: readonly ChatMessage[]; readonly tools?: readonly Tool[] };

export type PreparedPrompt =
  | { readonly fits: true; readonly tokens: readonly number[] }
  /** Too long for one slot; for a text that was not tokenized the number is a lower bound. */
  | { readonly fits: false; readonly tokensAtLeast: number };

export interface GenerateRequest {
  readonly promptTokens: readonly number[];
  readonly maxTokens: number;
  readonly sampling: Sampling;
  /** At most four texts; generation ends before the first one that appears, also across tokens. */
  readonly stop: readonly string[];
  readonly grammar?: string;
  readonly jsonSchema?: unknown;
  /** What is added to the logits of these tokens. */
  readonly logitBias?: ReadonlyMap<number, number>;
  /** Whether control tokens that frame function calls come out as text. */
  readonly showsToolMarkers?: boolean;
  /** How many alternatives to report per token; absent means no probabilities are computed. */
  readonly logprobs?: number;
  readonly signal: AbortSignal;
}

/** Both are tokens of plain text. */
export interface RankPair {
  readonly query: readonly number[];
  readonly document: readonly number[];
}

export type StopReason = "MAX_TOKENS" | "EOS" | "STOP_SEQUENCE" | "CANCELLED";

export interface TokenLogprob {
  /** The token's own text, whole or not. */
  readonly token: string;
  readonly logprob: number;
  readonly top: readonly { readonly token: string; readonly logprob: number }[];
}

export type GenerateEvent =
  /** First event, once the prompt is about to be read. */
  | { readonly type: "started"; readonly promptTokens: number; readonly cachedTokens: number }
  /**
   * `text` is whole, valid UTF-8; a character split over tokens is held back until it is whole, so
   * `text` may be empty and may stand for several tokens. `count` tells how many tokens it stands for.
   */
  | {
      readonly type: "token";
      readonly text: string;
      readonly count: number;
      readonly logprob?: TokenLogprob;
    }
  | { readonly type: "end"; readonly stopReason: StopReason; readonly generatedTokens: number };

/**
 * One model in memory. `generate` may be called as often as there are free slots; more is a
 * programming error of the caller (slots are admitted in `domain/`).
 */
export interface Engine {
  readonly facts: ModelFacts;
  readonly slotsTotal: number;
  /** Bytes of memory held by model and context, by the engine's own account. */
  readonly memoryBytes: number;
  tokenize(text: string, options?: { readonly parseSpecial?: boolean }): readonly number[];
  detokenize(tokens: readonly number[]): string;
  /** Renders the model's chat template; the last message is followed by the assistant's opening. */
  renderChat(messages: readonly ChatMessage[], tools?: readonly Tool[]): readonly number[];
  /**
   * The tokens to generate from, with the model's begin token where it wants one. Same ids as
   * `tokenize` and `renderChat`, but a text that cannot fit is refused without being tokenized and
   * a long one is tokenized in pieces, so that the event loop is never held up for long.
   */
  preparePrompt(prompt: EnginePrompt): Promise<PreparedPrompt>;
  /**
   * Generates in a free slot, the one that shares the longest prefix with the prompt. Aborting the
   * signal ends the iteration within one token (within one chunk of prompt reading) with an `end`
   * event of reason CANCELLED; the slot is free when the iteration is over, however it is left.
   * Throws `EngineError` when llama.cpp fails.
   */
  generate(request: GenerateRequest): AsyncIterable<GenerateEvent>;
  /** How many tokens are read to embed these, with what the model wants around them. */
  countEmbedTokens(tokens: readonly number[]): Promise<number>;
  /** The meaning of a text as a vector of length one. Throws `unsupported` when it cannot. */
  embed(tokens: readonly number[], signal: AbortSignal): Promise<readonly number[]>;
  /** How relevant a document is to a query, from 0 to 1. Throws `unsupported` when it cannot. */
  rank(pair: RankPair, signal: AbortSignal): Promise<number>;
  /** How many tokens such a pair is, with what the model wants around it. */
  countRankTokens(pair: RankPair): Promise<number>;
  /** Frees the context and the weights. Running generations end with CANCELLED first. */
  close(): Promise<void>;
}

/** Bytes that a model will need, by the engine's own arithmetic on the file's header. */
export interface EngineEstimate {
  readonly memoryBytes: number;
}

export type EngineFailure =
  | "invalid-model-file"
  | "out-of-memory"
  | "backend-unavailable"
  /** The model is not made for what was asked. */
  | "unsupported"
  /** What was asked for cannot be honoured: a grammar, a schema, messages the template refuses. */
  | "invalid-request"
  | "failed";

export class EngineError extends Error {
  override readonly name = "EngineError";
  readonly failure: EngineFailure;
  constructor(failure: EngineFailure, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.failure = failure;
  }
}
