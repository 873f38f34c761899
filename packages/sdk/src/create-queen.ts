import { errorFromWire, queenRoutes, RbeeError, sdkLimits, timings } from "@rbee/contract";
import type { ErrorBody, ErrorEvent, Route } from "@rbee/contract";
import { createQueenClient } from "./clients.ts";
import type { AnswerOf, CallOptions, EventOf, Fetch } from "./create-client.ts";
import { retry } from "./retry.ts";

type Routes = typeof queenRoutes;

/** How one request is made; everything may be left out. */
export interface RequestOptions {
  /** Cancels it, down to the worker; its reason is what is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** For the answer, or the head of a stream; a stream may then go on for as long as it wants. */
  readonly timeoutMs?: number | undefined;
  /** Further attempts after the first, where asking again does no harm. */
  readonly retries?: number | undefined;
  /** Finds the request in the logs of every program that it came through. */
  readonly correlationId?: string | undefined;
}

export interface QueenOptions extends Pick<RequestOptions, "timeoutMs" | "retries"> {
  readonly baseUrl: string;
  readonly key: () => string | undefined;
  readonly fetch?: Fetch | undefined;
}

type Wish<Operation extends Route> = Pick<CallOptions<Operation>, "params" | "query" | "body">;
/** What a reader of a stream gets: an `error` event is thrown. */
export type Told<Operation extends Route> = Exclude<EventOf<Operation>, ErrorEvent>;

/** A queen as the SDK asks her: with retries, limits, and errors that are thrown. */
export interface Queen {
  readonly ask: <Name extends keyof Routes>(
    name: Name,
    wish?: Wish<Routes[Name]>,
    options?: RequestOptions,
  ) => Promise<AnswerOf<Routes[Name]>>;
  /** The request is sent when the first event is asked for; leaving the loop cancels it. */
  readonly follow: <Name extends keyof Routes>(
    name: Name,
    wish?: Wish<Routes[Name]>,
    options?: RequestOptions,
  ) => AsyncGenerator<Told<Routes[Name]>, void, void>;
}

/** Computations: they change nothing, so asking twice costs time and no more. */
const pureOperations: ReadonlySet<string> = new Set(["createEmbeddings", "rerank"]);

export function createQueen(options: QueenOptions): Queen {
  const { baseUrl, key, fetch } = options;
  const client = createQueenClient({ baseUrl, key, ...(fetch === undefined ? {} : { fetch }) });
  const settle = <Name extends keyof Routes>(name: Name, request: RequestOptions) => ({
    timeoutMs: request.timeoutMs ?? options.timeoutMs ?? sdkLimits.answerTimeoutMs,
    retries: request.retries ?? options.retries ?? sdkLimits.retries,
    isIdempotent: queenRoutes[name].method !== "post" || pureOperations.has(name),
    correlationId: request.correlationId,
  });
  return {
    async ask(name, wish = {}, request = {}) {
      const { signal } = request;
      const { retries, isIdempotent, ...rest } = settle(name, request);
      const attempt = () => client.call(name, { ...wish, ...rest, signal });
      return await retry(attempt, { retries, isIdempotent, signal });
    },
    async *follow(name, wish = {}, request = {}) {
      const gone = new AbortController();
      const signals = request.signal === undefined ? [] : [request.signal];
      const signal = AbortSignal.any([gone.signal, ...signals]);
      const { retries, isIdempotent, ...rest } = settle(name, request);
      // A task's stream is never silent for long; others keep their connection more slowly.
      const silenceMs = name === "createTask" ? timings.connectionLostMs : 3 * timings.keepAliveMs;
      const attempt = () => client.stream(name, { ...wish, ...rest, signal, silenceMs });
      try {
        const stream = await retry(attempt, { retries, isIdempotent, signal });
        for await (const event of stream) yield requireNoError(event as { type: string }) as never;
      } catch (error) {
        request.signal?.throwIfAborted();
        throw error;
      } finally {
        gone.abort();
      }
    },
  };
}

function requireNoError(event: { readonly type: string; readonly error?: ErrorBody }): object {
  if (event.type !== "error" || event.error === undefined) return event;
  const known = errorFromWire(event.error);
  if (known !== undefined) throw known;
  const found = `${event.error.code}, which this version does not know`;
  throw new RbeeError("INVALID_RESPONSE", { from: "queen-rbee", expected: "an error", found });
}
