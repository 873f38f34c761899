import type {
  LlamaContext,
  LlamaContextSequence,
  LlamaGrammarEvaluationState,
  LlamaModel,
  Token,
  TokenBias,
} from "node-llama-cpp";
import {
  type ChatMessage,
  type Engine,
  EngineError,
  type EnginePrompt,
  type GenerateEvent,
  type GenerateRequest,
  type ModelFacts,
  type PreparedPrompt,
  type RankPair,
  type Tool,
} from "../engine.ts";
import { toolMarkers } from "../tools/tool-syntax.ts";
import { ChatTemplate } from "./chat-template.ts";
import { chooseSlot } from "./choose-slot.ts";
import { Generation } from "./generation.ts";
import { judgeFit, type PromptTokenizer, tokenizePrompt } from "./prompt-tokenizer.ts";
import { type StepLimits, type StepObserver, StepScheduler } from "./step-scheduler.ts";
import { TokenTextTable } from "./token-text.ts";
import { VectorContexts, type VectorParts } from "./vector-contexts.ts";

/** A loaded model with a context, and what the engine may ask of the library. */
export interface OpenModel extends VectorParts {
  readonly model: LlamaModel;
  readonly context: LlamaContext;
  readonly limits: StepLimits;
  readonly stepObserver: StepObserver | undefined;
  readonly chatTemplate: string | undefined;
  /** Whether the vocabulary is made of byte pairs, split by lines and words first. */
  readonly hasBytePairs: boolean;
  openGrammar(request: GenerateRequest): Promise<LlamaGrammarEvaluationState | undefined>;
  openTokenBias(biases: ReadonlyMap<number, number>): TokenBias;
}

interface Slot {
  readonly sequence: LlamaContextSequence;
  isBusy: boolean;
  lastUsed: number;
}

/** Several sequences of one context, decoded in step. */
export class SlotEngine implements Engine {
  readonly facts: ModelFacts;
  readonly slotsTotal: number;
  readonly #open: OpenModel;
  readonly #slots: readonly Slot[];
  readonly #scheduler: StepScheduler;
  readonly #texts: TokenTextTable;
  readonly #tokenizer: PromptTokenizer;
  readonly #chatTemplate: ChatTemplate | undefined;
  readonly #running = new Set<Generation>();
  readonly #vectors: VectorContexts;
  #markedTexts: TokenTextTable | undefined;
  #uses = 0;
  #isClosed = false;

  constructor(open: OpenModel) {
    const { context, facts } = open;
    this.#open = open;
    this.facts = facts;
    this.slotsTotal = context.totalSequences;
    this.#slots = Array.from({ length: this.slotsTotal }, () => ({
      sequence: context.getSequence(),
      isBusy: false,
      lastUsed: 0,
    }));
    this.#scheduler = new StepScheduler(open.limits, open.stepObserver);
    this.#texts = this.#createTexts();
    this.#vectors = new VectorContexts(open);
    this.#tokenizer = buildPromptTokenizer(open);
    this.#chatTemplate = createChatTemplate(open);
  }

  get memoryBytes(): number {
    const { model, context } = this.#open;
    return [model.memoryUsage, context.memoryUsage].reduce(
      (bytes, usage) => bytes + usage.ram + usage.vram,
      0,
    );
  }

  tokenize(text: string, options?: { readonly parseSpecial?: boolean }): readonly number[] {
    return this.#open.model.tokenize(text, options?.parseSpecial ?? false);
  }

  detokenize(tokens: readonly number[]): string {
    return this.#open.model.detokenize(tokens as readonly Token[]);
  }

  renderChat(messages: readonly ChatMessage[], tools: readonly Tool[] = []): readonly number[] {
    if (this.#chatTemplate === undefined) {
      throw new EngineError("unsupported", "The model file has no chat template.");
    }
    return this.#withBeginToken(this.#chatTemplate.tokenize(messages, tools));
  }

  async preparePrompt(prompt: EnginePrompt): Promise<PreparedPrompt> {
    const { contextSize } = this.facts;
    if ("text" in prompt) {
      const prepared = await tokenizePrompt(prompt.text, this.#tokenizer);
      return prepared.fits
        ? judgeFit(this.#withBeginToken(prepared.tokens), contextSize)
        : prepared;
    }
    const { messages, tools = [] } = prompt;
    const characters = messages.reduce((sum, { content }) => sum + content.length, 0);
    const tokensAtLeast = Math.ceil(characters / this.#tokenizer.tokenCharactersMax);
    if (tokensAtLeast > contextSize) return { fits: false, tokensAtLeast };
    return judgeFit(this.renderChat(messages, tools), contextSize);
  }

  async *generate(request: GenerateRequest): AsyncGenerator<GenerateEvent, void, void> {
    const grammarState = await this.#open.openGrammar(request);
    const generation = this.#start(request, grammarState);
    const cancel = (): void => generation.cancel();
    request.signal.addEventListener("abort", cancel);
    if (request.signal.aborted) cancel();
    try {
      for (;;) {
        const events = await generation.nextEvents();
        if (events === undefined) return;
        yield* events;
      }
    } finally {
      request.signal.removeEventListener("abort", cancel);
      generation.cancel();
      await generation.waitUntilReleased();
      this.#running.delete(generation);
    }
  }

  async countEmbedTokens(tokens: readonly number[]): Promise<number> {
    return await this.#vectors.countEmbedTokens(tokens);
  }

  async embed(tokens: readonly number[], signal: AbortSignal): Promise<readonly number[]> {
    return await this.#vectors.embed(tokens, signal);
  }

  async countRankTokens(pair: RankPair): Promise<number> {
    return await this.#vectors.countRankTokens(pair);
  }

  async rank(pair: RankPair, signal: AbortSignal): Promise<number> {
    return await this.#vectors.rank(pair, signal);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const generation of this.#running) generation.cancel();
    await this.#scheduler.waitUntilIdle();
    await this.#vectors.close();
    await this.#open.context.dispose();
    await this.#open.model.dispose();
  }

  #start(
    request: GenerateRequest,
    grammarState: LlamaGrammarEvaluationState | undefined,
  ): Generation {
    const slot = this.#takeSlot(request.promptTokens);
    const { model } = this.#open;
    const place = {
      sequence: slot.sequence,
      texts: request.showsToolMarkers === true ? this.#requireMarkedTexts() : this.#texts,
      grammarState,
      ...(request.logitBias === undefined
        ? {}
        : { tokenBias: this.#open.openTokenBias(request.logitBias) }),
      vocabularySize: this.facts.vocabularySize,
      nameToken: (token: number): string =>
        this.#texts.textOf(token) || model.detokenize([token as Token], true),
      isEndToken: (token: number): boolean => model.isEogToken(token as Token),
      release: (): void => {
        slot.isBusy = false;
      },
    };
    const generation = new Generation(request, place, this.facts.contextSize);
    this.#running.add(generation);
    this.#scheduler.add(generation);
    return generation;
  }

  #createTexts(): TokenTextTable {
    return new TokenTextTable((tokens) => this.detokenize(tokens), this.#open.model.tokenize("a"));
  }

  // Control tokens have no text of their own; where calls are read, those that frame them do.
  #requireMarkedTexts(): TokenTextTable {
    if (this.#markedTexts !== undefined) return this.#markedTexts;
    const texts = this.#createTexts();
    for (const marker of toolMarkers) {
      const [token, ...more] = this.tokenize(marker, { parseSpecial: true });
      if (token !== undefined && more.length === 0) texts.name(token, marker);
    }
    this.#markedTexts = texts;
    return texts;
  }

  #takeSlot(promptTokens: readonly number[]): Slot {
    if (this.#isClosed) throw new EngineError("failed", "The engine is closed.");
    const candidates = this.#slots.map((slot) => ({
      slot,
      isBusy: slot.isBusy,
      lastUsed: slot.lastUsed,
      sharedTokens: slot.isBusy ? 0 : countShared(slot.sequence, promptTokens),
    }));
    const slot = chooseSlot(candidates)?.slot;
    if (slot === undefined) throw new EngineError("failed", "No slot is free.");
    slot.isBusy = true;
    this.#uses += 1;
    slot.lastUsed = this.#uses;
    return slot;
  }

  #withBeginToken(tokens: readonly number[]): readonly number[] {
    const { bos, shouldPrependBosToken } = this.#open.model.tokens;
    if (!shouldPrependBosToken || bos === null || tokens[0] === bos) return tokens;
    return [bos, ...tokens];
  }
}

function countShared(sequence: LlamaContextSequence, tokens: readonly number[]): number {
  return sequence.compareContextTokens(tokens as Token[]).firstDifferentIndex;
}

function createChatTemplate({ model, chatTemplate }: OpenModel): ChatTemplate | undefined {
  if (chatTemplate === undefined) return undefined;
  return new ChatTemplate(chatTemplate, {
    beginText: model.tokens.bosString ?? "",
    endText: model.tokens.eosString ?? "",
    specialTexts: listSpecialTexts(model),
    tokenize: (text, parseSpecial) => model.tokenize(text, parseSpecial),
  });
}

// llama.cpp's types of tokens: unknown and control.
const specialTypes: ReadonlySet<number> = new Set([2, 3]);

function listSpecialTexts({ fileInfo }: LlamaModel): string[] {
  const vocabulary = fileInfo.metadata.tokenizer?.ggml;
  return (vocabulary?.tokens ?? []).filter((_token, index) =>
    specialTypes.has(Number(vocabulary?.token_type[index])),
  );
}

function buildPromptTokenizer({ model, facts, hasBytePairs }: OpenModel): PromptTokenizer {
  const words = model.fileInfo.metadata.tokenizer?.ggml?.tokens ?? [];
  const tokenCharactersMax = words.reduce((longest, word) => Math.max(longest, word.length), 1);
  return {
    contextSize: facts.contextSize,
    tokenCharactersMax,
    splitsAtSeams: hasBytePairs,
    tokenize: (text) => model.tokenize(text),
  };
}
