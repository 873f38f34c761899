import type { ServerResponse } from "node:http";
import { errorToWire, RbeeError, streamEnd } from "@rbee/contract";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { createNodeSink, createWebSink } from "./sse-sink.ts";
import type { SseSink } from "./sse-sink.ts";

/** Writes the events of one stream. Await what `send` returns: that is the backpressure. */
export interface SseWriter {
  /** Aborts when the reader is gone or the request's deadline has passed. */
  readonly signal: AbortSignal;
  readonly send: (event: object) => Promise<void> | undefined;
  /** Complete frames (`data: ...\n\n`) as they came from upstream: the hot path. */
  readonly sendFrames: (frames: string | Uint8Array) => Promise<void> | undefined;
}

export interface SseOptions {
  readonly correlationId: string;
  readonly keepAliveMs: number;
  /** Endless streams have no terminal event and no `[DONE]`. */
  readonly endless?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Where the events go when the client wants them over a connection that others share. */
  readonly channel?: SseSink | undefined;
  /** The Node response when there is one; without it (in-process tests) a web stream is used. */
  readonly outgoing: ServerResponse | undefined;
  /** Hears of failures that a reader cannot be told, because it is gone or they are internal. */
  readonly onFailure: (error: unknown) => void;
}

const keepAliveFrame = ": keep-alive\n\n";

/**
 * Answers with an event stream. `produce` sends the events, among them exactly one terminal one;
 * when it throws instead, the error becomes the terminal event. Then comes `[DONE]`.
 */
export function sseResponse(
  options: SseOptions,
  produce: (writer: SseWriter) => Promise<void>,
): Response {
  if (options.channel !== undefined) {
    void run(options.channel, options, produce);
    return new Response(null, { status: 202, headers: { ...options.headers } });
  }
  const headers = {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
    "x-correlation-id": options.correlationId,
    ...options.headers,
  };
  if (options.outgoing !== undefined) {
    options.outgoing.writeHead(200, headers);
    options.outgoing.flushHeaders();
    void run(createNodeSink(options.outgoing), options, produce);
    return RESPONSE_ALREADY_SENT;
  }
  const { sink, body } = createWebSink();
  void run(sink, options, produce);
  return new Response(body, { headers });
}

async function run(
  sink: SseSink,
  options: SseOptions,
  produce: (writer: SseWriter) => Promise<void>,
): Promise<void> {
  let isQuiet = true;
  let isHeld = false;
  const keepAlive = setInterval(() => {
    // To a reader that does not read, they would pile up.
    const held = isQuiet && !isHeld ? sink.write(keepAliveFrame) : undefined;
    isQuiet = true;
    if (held === undefined) return;
    isHeld = true;
    void held.then(() => (isHeld = false));
  }, options.keepAliveMs);
  const sendFrames = (frames: string | Uint8Array) => {
    isQuiet = false;
    return sink.write(frames);
  };
  const send = (event: object) => sendFrames(`data: ${JSON.stringify(event)}\n\n`);
  const signal = AbortSignal.any([options.signal, sink.closed]);
  try {
    await produce({ signal, send, sendFrames });
    // Who reads a stream without an end is told why it has one: a deadline, a key that was revoked.
    if (options.endless === true) options.signal.throwIfAborted();
  } catch (error) {
    if (!RbeeError.is(error) || sink.closed.aborted) options.onFailure(error);
    void send({ type: "error", error: errorToWire(error, options.correlationId) });
  } finally {
    clearInterval(keepAlive);
  }
  // Nobody waits for these: a slow reader is no reason to keep what the request holds.
  if (options.endless !== true) void sendFrames(`data: ${streamEnd}\n\n`);
  sink.end();
}
