import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import { readEventStream } from "./read-event-stream.ts";

const encoder = new TextEncoder();

function bodyOf(chunks: readonly string[], isOpen = false): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(encoder.encode(chunk));
      if (!isOpen) controller.close();
    },
  });
}

async function readAll(body: ReadableStream<Uint8Array>, options = {}) {
  const events: unknown[] = [];
  for await (const event of readEventStream(body, options)) events.push(event);
  return events;
}

describe("reading an event stream", () => {
  it("joins events that arrive in pieces and ends at [DONE]", async () => {
    const chunks = [
      'data: {"a"',
      ":1}\n",
      '\ndata: {"a":2}\n\n: keep-alive\n\ndata: [DO',
      "NE]\n\n",
    ];
    assert.deepEqual(await readAll(bodyOf(chunks)), [{ a: 1 }, { a: 2 }]);
  });

  it("keeps a character whole that is split between chunks", async () => {
    const bytes = encoder.encode('data: {"token":"🐝"}\n\ndata: [DONE]\n\n');
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    assert.deepEqual(await readAll(body), [{ token: "🐝" }]);
  });

  it("says that a stream without [DONE] was closed early", async () => {
    await assert.rejects(readAll(bodyOf(['data: {"a":1}\n\n'])), (error) =>
      RbeeError.is(error, "SSE_CLOSED"),
    );
  });

  it("lets an endless stream end", async () => {
    assert.deepEqual(await readAll(bodyOf(['data: {"a":1}\n\n']), { endless: true }), [{ a: 1 }]);
  });

  it("gives up after too long a silence", async () => {
    await assert.rejects(readAll(bodyOf(['data: {"a":1}\n\n'], true), { silenceMs: 30 }), (error) =>
      RbeeError.is(error, "CONNECTION_LOST"),
    );
  });

  it("cancels the request when the reader leaves the loop", async () => {
    let wasCancelled = false;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(encoder.encode('data: {"a":1}\n\n'));
      },
      cancel() {
        wasCancelled = true;
      },
    });
    for await (const _event of readEventStream(body)) break;
    assert.ok(wasCancelled);
  });

  it("refuses an event that is not JSON", async () => {
    await assert.rejects(readAll(bodyOf(["data: nonsense\n\n"])), (error) =>
      RbeeError.is(error, "INVALID_RESPONSE"),
    );
  });
});
