import { deadlineHeaders, errorFromWire, RbeeError } from "@rbee/contract";
import type { Route } from "@rbee/contract";
import type { z } from "zod";
import { readEventStream } from "./read-event-stream.ts";
import { noteRetryAfter } from "./retry-after.ts";
import { TransportError, transportErrorFrom } from "./transport-error.ts";

type RouteTable = Readonly<Record<string, Route>>;
type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;
type Input<Schema> = Schema extends z.ZodType ? z.input<Schema> : undefined;

/** The JSON answer of an operation. */
export type AnswerOf<Operation extends Route> = Output<Operation["answer"]>;
/** One event of an operation's stream. */
export type EventOf<Operation extends Route> = Output<Operation["events"]>;

export interface FetchInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** What is read of an answer; a `Response` has it all. */
export interface FetchedResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { readonly get: (name: string) => string | null };
  readonly body: ReadableStream<Uint8Array> | null;
  readonly text: () => Promise<string>;
  readonly json: () => Promise<unknown>;
}

/** The part of the standard's `fetch` that a client needs; `nodeFetch` is another. */
export type Fetch = (input: string, init?: FetchInit) => Promise<FetchedResponse>;

export interface ClientOptions {
  /** Without a trailing slash: `http://127.0.0.1:8080`. */
  readonly baseUrl: string;
  /** Asked for each request, so that a rotated key is used at once. */
  readonly key?: (() => string | undefined) | undefined;
  readonly fetch?: Fetch;
  /** Who is called, for error texts: `queen-rbee`. */
  readonly program: string;
}

export interface CallOptions<Operation extends Route> {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Input<Operation["query"]>;
  readonly body?: Input<Operation["body"]>;
  readonly correlationId?: string | undefined;
  /** W3C trace context, forwarded as it came. */
  readonly traceparent?: string | undefined;
  readonly deadline?: Date | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Limit for a JSON answer, or for the head of a stream. */
  readonly timeoutMs?: number | undefined;
}

export interface StreamOptions<Operation extends Route> extends CallOptions<Operation> {
  readonly silenceMs?: number | undefined;
}

/** One typed client for all hops; the table of routes says what can be asked. */
export interface Client<Routes extends RouteTable> {
  /** Throws the `RbeeError` that the other side answered with, or a `TransportError`. */
  readonly call: <Name extends keyof Routes>(
    name: Name,
    options?: CallOptions<Routes[Name]>,
  ) => Promise<AnswerOf<Routes[Name]>>;
  /**
   * Opens a stream. The promise settles when its head is there; errors before that are thrown as by
   * `call`. An `error` event in the stream is an event: it is not thrown.
   */
  readonly stream: <Name extends keyof Routes>(
    name: Name,
    options?: StreamOptions<Routes[Name]>,
  ) => Promise<AsyncGenerator<EventOf<Routes[Name]>, void, void>>;
}

export function createClient<const Routes extends RouteTable>(
  routes: Routes,
  options: ClientOptions,
): Client<Routes> {
  const send = async (
    route: Route,
    call: CallOptions<Route>,
    accept: string,
  ): Promise<FetchedResponse> => {
    const head = headSignal(call);
    try {
      const response = await (options.fetch ?? fetch)(url(options.baseUrl, route, call), {
        method: route.method.toUpperCase(),
        headers: { accept, ...headers(options, call) },
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        ...(head.signal === undefined ? {} : { signal: head.signal }),
      });
      if (response.ok) return response;
      throw await errorFromResponse(response, options.program);
    } catch (error) {
      if (head.hasTimedOut()) {
        throw new TransportError("timeout", "no answer in time", { cause: error });
      }
      if (call.signal?.aborted === true || RbeeError.is(error)) throw error;
      throw transportErrorFrom(error);
    } finally {
      head.stop();
    }
  };
  return {
    async call(name, call = {}) {
      const route = routes[name] as Route;
      const response = await send(route, call, "application/json");
      if (response.status === 204) {
        await response.body?.cancel();
        return undefined as never;
      }
      return (await readAnswer(response, route, options.program)) as never;
    },
    async stream(name, call = {}) {
      const route = routes[name] as Route;
      const response = await send(route, call, "text/event-stream");
      const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
      if (isStream !== true || response.body === null) {
        await response.body?.cancel();
        throw invalid(options.program, "an event stream", "got something else");
      }
      const { silenceMs } = call as StreamOptions<Route>;
      return readEventStream(response.body, {
        endless: route.endless ?? false,
        silenceMs,
      }) as never;
    },
  };
}

// The limit covers the head alone: a stream may go on for as long as it wants.
function headSignal({ signal, timeoutMs }: CallOptions<Route>) {
  if (timeoutMs === undefined) return { signal, stop: () => {}, hasTimedOut: () => false };
  const clock = new AbortController();
  const timer = setTimeout(() => clock.abort(), timeoutMs);
  return {
    signal: signal === undefined ? clock.signal : AbortSignal.any([signal, clock.signal]),
    stop: () => clearTimeout(timer),
    hasTimedOut: () => clock.signal.aborted,
  };
}

function url(baseUrl: string, route: Route, { params = {}, query }: CallOptions<Route>): string {
  const path = route.path.replaceAll(/:(\w+)/g, (_text, name: string) =>
    encodeURIComponent(params[name] ?? ""),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries((query ?? {}) as Record<string, unknown>)) {
    if (value !== undefined) search.set(name, `${value as string | number | boolean}`);
  }
  const text = search.toString();
  return `${baseUrl}${path}${text === "" ? "" : `?${text}`}`;
}

function headers(options: ClientOptions, call: CallOptions<Route>): Record<string, string> {
  const key = options.key?.();
  return {
    ...(call.body === undefined ? {} : { "content-type": "application/json" }),
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    ...(call.correlationId === undefined ? {} : { "x-correlation-id": call.correlationId }),
    ...(call.traceparent === undefined ? {} : { traceparent: call.traceparent }),
    ...(call.deadline === undefined ? {} : deadlineHeaders(call.deadline)),
  };
}

async function readAnswer(
  response: FetchedResponse,
  route: Route,
  program: string,
): Promise<unknown> {
  const body: unknown = await response.json().catch(() => undefined);
  const parsed = route.answer?.safeParse(body);
  if (parsed?.success === true) return parsed.data;
  const field = parsed?.error.issues[0]?.path.join(".");
  const found = body === undefined ? "it is not JSON" : `it breaks at ${field || "its top"}`;
  throw invalid(program, `the answer of ${route.path}`, found);
}

async function errorFromResponse(response: FetchedResponse, program: string): Promise<Error> {
  const body: unknown = await response.json().catch(() => undefined);
  const error =
    errorFromWire((body as { error?: unknown } | undefined)?.error) ??
    new TransportError("not-rbee", `${program} is not what answers there`, {
      status: response.status,
    });
  noteRetryAfter(error, response.headers.get("retry-after"));
  return error;
}

function invalid(from: string, expected: string, found: string): RbeeError {
  return new RbeeError("INVALID_RESPONSE", { from, expected, found });
}
