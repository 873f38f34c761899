import { readEventLines } from "./event-lines.ts";

export interface Generation {
  readonly prompt: string;
  readonly tokensMax: number;
  readonly temperature: number;
  readonly signal?: AbortSignal;
}

export interface TokenTimes {
  readonly startMs: number;
  /** When each token came. */
  readonly tokenMs: readonly number[];
  readonly promptTokens: number;
  readonly cachedTokens: number;
}

/** A running server to be measured over HTTP with SSE. */
export interface BenchTarget {
  readonly name: string;
  readonly processId: number | undefined;
  generate(generation: Generation): Promise<TokenTimes>;
  stop(): Promise<void>;
}

/** How one kind of server is asked and what its events mean. */
export interface Dialect {
  readonly path: string;
  buildBody(generation: Generation): unknown;
  /** How many tokens the event stands for, and what it says of the prompt. */
  readEvent(event: unknown): {
    readonly tokens: number;
    readonly promptTokens?: number | undefined;
    readonly cachedTokens?: number | undefined;
  };
}

interface LlamaServerEvent {
  readonly content?: string;
  readonly stop?: boolean;
  readonly tokens?: readonly number[];
  readonly timings?: { readonly prompt_n: number; readonly cache_n: number };
}

export const llamaServerDialect: Dialect = {
  path: "/completion",
  buildBody: ({ prompt, tokensMax, temperature }) => ({
    prompt,
    n_predict: tokensMax,
    temperature,
    top_k: 40,
    top_p: 0.95,
    min_p: 0.05,
    seed: 7,
    stream: true,
    cache_prompt: true,
    return_tokens: true,
  }),
  readEvent: (event) => {
    const { stop, tokens, timings } = event as LlamaServerEvent;
    if (stop !== true) return { tokens: Math.max(1, tokens?.length ?? 1) };
    const cachedTokens = timings?.cache_n ?? 0;
    return { tokens: 0, cachedTokens, promptTokens: cachedTokens + (timings?.prompt_n ?? 0) };
  },
};

interface WorkerEvent {
  readonly type?: string;
  readonly count?: number;
  readonly prompt_tokens?: number;
  readonly cached_tokens?: number;
}

export const workerDialect: Dialect = {
  path: "/v1/inference",
  buildBody: ({ prompt, tokensMax, temperature }) => ({
    prompt,
    max_tokens: tokensMax,
    temperature,
    top_k: 40,
    top_p: 0.95,
    min_p: 0.05,
    seed: 7,
    stream: true,
  }),
  readEvent: (event) => {
    const { type, count, prompt_tokens, cached_tokens } = event as WorkerEvent;
    if (type === "token") return { tokens: count ?? 1 };
    if (type === "started") {
      return { tokens: 0, promptTokens: prompt_tokens, cachedTokens: cached_tokens };
    }
    return { tokens: 0 };
  },
};

export interface ServerAddress {
  readonly url: string;
  readonly key?: string | undefined;
}

/** Asks the server and notes when its tokens come; an aborted stream ends without an error. */
export async function generateOverHttp(
  { url, key }: ServerAddress,
  dialect: Dialect,
  generation: Generation,
): Promise<TokenTimes> {
  const startMs = performance.now();
  const tokenMs: number[] = [];
  let promptTokens = 0;
  let cachedTokens = 0;
  try {
    const response = await fetch(url + dialect.path, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
      body: JSON.stringify(dialect.buildBody(generation)),
      ...(generation.signal === undefined ? {} : { signal: generation.signal }),
    });
    if (!response.ok || !response.body) {
      throw new Error(`${response.status}: ${await response.text()}`);
    }
    for await (const event of readEventLines(response.body)) {
      const read = dialect.readEvent(event);
      const nowMs = performance.now();
      for (let count = 0; count < read.tokens; count += 1) tokenMs.push(nowMs);
      promptTokens = read.promptTokens ?? promptTokens;
      cachedTokens = read.cachedTokens ?? cachedTokens;
    }
  } catch (error) {
    if (generation.signal?.aborted !== true) throw error;
  }
  return { startMs, tokenMs, promptTokens, cachedTokens };
}
