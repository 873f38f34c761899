import type {
  LlamaContextSequence,
  LlamaGrammarEvaluationState,
  SequenceEvaluateOptions,
  Token,
  TokenBias,
} from "node-llama-cpp";
import type { GenerateEvent, GenerateRequest, StopReason, TokenLogprob } from "../engine.ts";
import { buildSamplingOptions } from "./sampling-options.ts";
import type { StepMember } from "./step-scheduler.ts";
import { StopWatcher } from "./stop-sequences.ts";
import { CharacterHolder, type TokenTextTable } from "./token-text.ts";
import { openTokenSource, type SourcedToken, type TokenSource } from "./token-source.ts";

/** What a generation borrows from the engine. */
export interface GenerationPlace {
  readonly sequence: LlamaContextSequence;
  readonly texts: TokenTextTable;
  readonly grammarState: LlamaGrammarEvaluationState | undefined;
  readonly tokenBias?: TokenBias;
  readonly vocabularySize: number;
  /** What a token is called; special tokens have a name, too. */
  nameToken(token: number): string;
  isEndToken(token: number): boolean;
  release(): void;
}

/**
 * One request on one sequence. The scheduler drives it; whoever asked reads `nextEvents`. A slow
 * reader never holds the other sequences up.
 */
export class Generation implements StepMember {
  readonly #request: GenerateRequest;
  readonly #place: GenerationPlace;
  readonly #tokensMax: number;
  readonly #characters: CharacterHolder;
  readonly #stops: StopWatcher;
  readonly #generated: number[] = [];
  #readTokens = 0;
  #source: TokenSource | undefined;
  #pendingCount = 0;
  #pendingLogprobs: TokenLogprob[] = [];
  #events: GenerateEvent[] = [];
  #wake: (() => void) | undefined;
  #isOver = false;
  #isReleased = false;
  #error: unknown;

  constructor(request: GenerateRequest, place: GenerationPlace, contextSize: number) {
    this.#request = request;
    this.#place = place;
    this.#tokensMax = Math.min(request.maxTokens, contextSize - request.promptTokens.length);
    this.#characters = new CharacterHolder(place.texts);
    this.#stops = new StopWatcher(request.stop);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get unreadTokens(): number {
    return this.#source === undefined ? this.#request.promptTokens.length - this.#readTokens : 0;
  }

  async prepare(): Promise<void> {
    const { promptTokens } = this.#request;
    const { sequence } = this.#place;
    // The last prompt token is always evaluated: its logits give the first new token.
    await sequence.adaptStateToTokens(promptTokens.slice(0, -1) as Token[], false);
    if (this.#isOver) return;
    this.#readTokens = sequence.nextTokenIndex;
    this.#emit({
      type: "started",
      promptTokens: promptTokens.length,
      cachedTokens: this.#readTokens,
    });
    if (this.#tokensMax <= 0) this.#end("MAX_TOKENS");
  }

  async advance(tokensMax: number): Promise<void> {
    if (this.#source === undefined && this.unreadTokens > tokensMax) {
      await this.#readChunk(tokensMax);
      return;
    }
    this.#source ??= this.#openSource();
    const sourced = await this.#source.next();
    if (!this.#isOver) this.#take(sourced);
  }

  /** Ends before the next step; harmless when it is over already. */
  cancel(): void {
    if (!this.#isOver) this.#end("CANCELLED");
  }

  fail(error: unknown): void {
    this.#error ??= error;
    this.#isOver = true;
    this.#notify();
  }

  async release(): Promise<void> {
    try {
      await this.#source?.close();
    } finally {
      this.#place.release();
      this.#isReleased = true;
      this.#notify();
    }
  }

  /** Events since the last call; waits for one, and is undefined once the sequence is given back. */
  async nextEvents(): Promise<readonly GenerateEvent[] | undefined> {
    while (this.#events.length === 0) {
      if (this.#isReleased) {
        if (this.#error !== undefined) throw this.#error;
        return undefined;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const events = this.#events;
    this.#events = [];
    return events;
  }

  async waitUntilReleased(): Promise<void> {
    while (!this.#isReleased) {
      this.#events = [];
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async #readChunk(tokensMax: number): Promise<void> {
    const chunk = this.#request.promptTokens.slice(this.#readTokens, this.#readTokens + tokensMax);
    await this.#place.sequence.evaluateWithoutGeneratingNewTokens(chunk as Token[]);
    this.#readTokens += chunk.length;
  }

  #openSource(): TokenSource {
    const request = this.#request;
    const place = this.#place;
    const options: SequenceEvaluateOptions = buildSamplingOptions(request.sampling, (count) =>
      this.#recentTokens(count),
    );
    if (place.grammarState) options.grammarEvaluationState = place.grammarState;
    if (place.tokenBias) options.tokenBias = place.tokenBias;
    return openTokenSource({
      sequence: place.sequence,
      unread: request.promptTokens.slice(this.#readTokens),
      options,
      sampling: request.sampling,
      logprobs: request.logprobs,
      vocabularySize: place.vocabularySize,
    });
  }

  #recentTokens(count: number): number[] {
    const generated = this.#generated.slice(-count);
    if (generated.length === count) return generated;
    const prompt = this.#request.promptTokens.slice(generated.length - count);
    return [...prompt, ...generated];
  }

  #take(sourced: SourcedToken): void {
    const { token } = sourced;
    if (this.#place.isEndToken(token)) {
      this.#end("EOS");
      return;
    }
    this.#generated.push(token);
    this.#pendingCount += 1;
    if (this.#request.logprobs !== undefined)
      this.#pendingLogprobs.push(this.#nameLogprob(sourced));
    this.#show(this.#stops.push(this.#characters.push(token)));
    if (this.#stops.hasStopped) this.#end("STOP_SEQUENCE");
    else if (this.#generated.length >= this.#tokensMax) this.#end("MAX_TOKENS");
  }

  #nameLogprob({ token, probability = 0, likeliest = [] }: SourcedToken): TokenLogprob {
    const name = (named: number, likely: number) => ({
      token: this.#place.nameToken(named),
      logprob: toLogprob(likely),
    });
    const top = likeliest.map((one) => name(one.token, one.probability));
    return { ...name(token, probability), top };
  }

  #end(stopReason: StopReason): void {
    if (!this.#stops.hasStopped) {
      const text = this.#stops.push(this.#characters.flush());
      this.#show(text + this.#stops.flush());
    }
    this.#showPending("");
    this.#emit({ type: "end", stopReason, generatedTokens: this.#generated.length });
    this.#isOver = true;
  }

  #show(text: string): void {
    if (text !== "") this.#showPending(text);
  }

  #showPending(text: string): void {
    const count = this.#pendingCount;
    if (count === 0) return;
    this.#pendingCount = 0;
    const logprobs = this.#pendingLogprobs;
    if (logprobs.length === 0) {
      this.#emit({ type: "token", text, count });
      return;
    }
    this.#pendingLogprobs = [];
    for (const [index, logprob] of logprobs.entries()) {
      const isLast = index === logprobs.length - 1;
      this.#emit({ type: "token", text: isLast ? text : "", count: 1, logprob });
    }
  }

  #emit(event: GenerateEvent): void {
    this.#events.push(event);
    this.#notify();
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

// A probability that underflows to zero would be minus infinity, which JSON cannot say.
function toLogprob(probability: number): number {
  return Math.log(Math.max(probability, Number.MIN_VALUE));
}
