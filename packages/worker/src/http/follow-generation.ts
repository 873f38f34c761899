import type { GenerateEvent, StopReason, TokenLogprob } from "../engine.ts";
import { tokensPerSecond } from "../domain/token-rate.ts";
import type { RequestLimits } from "../ports.ts";
import type { ToolCallPiece } from "./divide-calls.ts";

export interface GenerationTotals {
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly tokens: number;
  readonly stopReason: StopReason;
  readonly durationMs: number;
  readonly timeToFirstTokenMs: number | undefined;
  readonly tokensPerSecond: number;
}

/** Waits while whoever listens is slow; mostly there is nothing to wait for. */
type Wait = Promise<void> | undefined;

export interface GenerationListener {
  readonly onStarted: (promptTokens: number, cachedTokens: number) => Wait;
  readonly onToken: (text: string, index: number, logprob: TokenLogprob | undefined) => Wait;
  readonly onToolCall: (piece: ToolCallPiece) => Wait;
  /** Now and then while tokens come, and once after the last one. */
  readonly onRate: (tokens: number, perSecond: number) => Wait;
}

interface FollowInput {
  readonly events: AsyncIterable<GenerateEvent | ToolCallPiece>;
  readonly promptTokens: number;
  readonly limits: RequestLimits;
  /** The engine has let go of the slot. */
  readonly onReleased: () => void;
  /** On the clock of `performance.now`. */
  readonly startedAtMs: number;
  readonly rateIntervalMs: number;
  readonly listener: GenerationListener;
}

/**
 * Follows a generation to its end and counts. Each generated token is told with an index of its
 * own: when the engine holds text back (a character that is not whole yet, what may become a stop
 * sequence) and then gives it with several tokens at once, all but the last are told with an empty
 * text. So the number of tokens told, the last index + 1 and the total are always the same.
 */
export class GenerationFollower {
  readonly #input: FollowInput;
  #promptTokens: number;
  #cachedTokens = 0;
  #tokens = 0;
  #firstTokenAtMs: number | undefined;
  #lastTokenAtMs: number;
  #rateToldAtMs = 0;

  constructor(input: FollowInput) {
    this.#input = input;
    this.#promptTokens = input.promptTokens;
    this.#lastTokenAtMs = input.startedAtMs;
  }

  get promptTokens(): number {
    return this.#promptTokens;
  }

  get cachedTokens(): number {
    return this.#cachedTokens;
  }

  get tokens(): number {
    return this.#tokens;
  }

  get firstTokenSeconds(): number | undefined {
    const atMs = this.#firstTokenAtMs;
    return atMs === undefined ? undefined : (atMs - this.#input.startedAtMs) / 1000;
  }

  /** Seconds from the first token to the last. */
  get decodeSeconds(): number {
    return (this.#lastTokenAtMs - (this.#firstTokenAtMs ?? this.#lastTokenAtMs)) / 1000;
  }

  /** Returns the totals however the engine ended; why it was cancelled is for the caller to say. */
  async follow(): Promise<GenerationTotals> {
    const { events, limits, listener, onReleased } = this.#input;
    let stopReason: StopReason = "CANCELLED";
    try {
      for await (const event of events) {
        if (event.type === "end") stopReason = event.stopReason;
        const wait = this.#tell(event);
        if (wait !== undefined) await limits.waitUnlessAborted(wait);
      }
    } finally {
      onReleased();
    }
    const totals = this.#totals(stopReason);
    const wait = listener.onRate(this.#tokens, totals.tokensPerSecond);
    if (wait !== undefined) await limits.waitUnlessAborted(wait);
    return totals;
  }

  #tell(event: GenerateEvent | ToolCallPiece): Wait {
    if (event.type === "token") return this.#tellTokens(event);
    if (event.type === "tool-call") return this.#input.listener.onToolCall(event);
    if (event.type === "end") return undefined;
    this.#promptTokens = event.promptTokens;
    this.#cachedTokens = event.cachedTokens;
    return this.#input.listener.onStarted(event.promptTokens, event.cachedTokens);
  }

  #tellTokens(event: Extract<GenerateEvent, { type: "token" }>): Wait {
    const { limits, listener, rateIntervalMs } = this.#input;
    const nowMs = performance.now();
    limits.noteTokens(event.count);
    if (this.#firstTokenAtMs === undefined) {
      this.#firstTokenAtMs = nowMs;
      this.#rateToldAtMs = nowMs;
    }
    this.#lastTokenAtMs = nowMs;
    for (let held = 1; held < event.count; held += 1) {
      void listener.onToken("", this.#tokens++, undefined);
    }
    const wait = listener.onToken(event.text, this.#tokens++, event.logprob);
    if (nowMs - this.#rateToldAtMs < rateIntervalMs) return wait;
    this.#rateToldAtMs = nowMs;
    return listener.onRate(this.#tokens, this.#rate()) ?? wait;
  }

  #rate(): number {
    return tokensPerSecond({
      tokens: this.#tokens,
      firstTokenAtMs: this.#firstTokenAtMs,
      lastTokenAtMs: this.#lastTokenAtMs,
      startedAtMs: this.#input.startedAtMs,
    });
  }

  #totals(stopReason: StopReason): GenerationTotals {
    const { startedAtMs } = this.#input;
    const firstAtMs = this.#firstTokenAtMs;
    return {
      promptTokens: this.#promptTokens,
      cachedTokens: this.#cachedTokens,
      tokens: this.#tokens,
      stopReason,
      durationMs: Math.round(performance.now() - startedAtMs),
      timeToFirstTokenMs: firstAtMs === undefined ? undefined : Math.round(firstAtMs - startedAtMs),
      tokensPerSecond: this.#rate(),
    };
  }
}
