import { RbeeError, streamEnd } from "@rbee/contract";
import { createParser } from "eventsource-parser";
import { transportErrorFrom } from "./transport-error.ts";

export interface ReadOptions {
  /** The stream has no terminal event; its end is no error. */
  readonly endless?: boolean;
  /** So long without a byte, keep-alives included, is CONNECTION_LOST. */
  readonly silenceMs?: number | undefined;
  /** Hears every keep-alive comment. */
  readonly onComment?: ((comment: string) => void) | undefined;
}

/**
 * The events of a stream, one at a time and never decoded far ahead of the reader. Leaving the loop
 * cancels the request. Throws SSE_CLOSED when the stream ends without `[DONE]`, CONNECTION_LOST
 * after too long a silence, and INVALID_RESPONSE for an event that is not JSON.
 */
export async function* readEventStream<Event>(
  body: ReadableStream<Uint8Array>,
  { endless = false, silenceMs, onComment }: ReadOptions = {},
): AsyncGenerator<Event, void, void> {
  let events = 0;
  for await (const text of readTexts(body, { silenceMs, onComment })) {
    if (text === streamEnd) return;
    events += 1;
    yield parseEvent<Event>(text);
  }
  if (!endless) throw closedEarly("SSE_CLOSED", events);
}

async function* readTexts(
  body: ReadableStream<Uint8Array>,
  { silenceMs, onComment }: ReadOptions,
): AsyncGenerator<string, void, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const texts: string[] = [];
  const parser = createParser({
    onEvent: ({ data }) => texts.push(data),
    ...(onComment === undefined ? {} : { onComment }),
  });
  try {
    for (;;) {
      const chunk = await readChunk(reader, silenceMs);
      if (chunk === undefined) return;
      parser.feed(decoder.decode(chunk, { stream: true }));
      yield* texts.splice(0);
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

type Chunk = Uint8Array | undefined;

async function readChunk(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  silenceMs: number | undefined,
): Promise<Chunk> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    if (silenceMs === undefined) return;
    timer = setTimeout(() => reject(closedEarly("CONNECTION_LOST", 0)), silenceMs);
  });
  try {
    const { value } = await Promise.race([reader.read(), silence]);
    return value;
  } catch (error) {
    throw RbeeError.is(error) || isAbort(error) ? error : transportErrorFrom(error);
  } finally {
    clearTimeout(timer);
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

function closedEarly(code: "SSE_CLOSED" | "CONNECTION_LOST", events: number): RbeeError {
  return new RbeeError(code, { tokens_generated: events, max_tokens: null });
}

function parseEvent<Event>(text: string): Event {
  try {
    return JSON.parse(text) as Event;
  } catch (error) {
    throw new RbeeError(
      "INVALID_RESPONSE",
      { from: "the stream", expected: "events of JSON", found: "a line that is not JSON" },
      { cause: error },
    );
  }
}
