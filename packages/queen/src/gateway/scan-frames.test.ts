import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RbeeError, sizes } from "@rbee/contract";
import fc from "fast-check";
import { createFrameScanner } from "./scan-frames.ts";
import type { Scan } from "./scan-frames.ts";

const token = (text: string, index: number) =>
  `data: ${JSON.stringify({ type: "token", token: text, index })}\n\n`;
const started = `data: {"type":"started","request_id":"r","prompt_tokens":1,"cached_tokens":0}\n\n`;
const done = `data: {"type":"done","done":true,"total_tokens":3}\n\n`;
const over = "data: [DONE]\n\n";

function scanAll(chunks: readonly Buffer[]) {
  const scan = createFrameScanner();
  const scans: Scan[] = chunks.map((chunk) => scan(chunk));
  return {
    text: Buffer.concat(scans.flatMap(({ frames }) => frames ?? [])).toString("utf8"),
    tokens: scans.reduce((sum, { tokens }) => sum + tokens, 0),
    terminal: scans.find(({ terminal }) => terminal !== undefined)?.terminal,
    isOver: scans.some(({ isOver }) => isOver),
  };
}

// Cuts bytes at any places, so that characters, frames and keywords are torn apart.
function cut(text: string, places: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text);
  const ends = [...new Set(places.map((place) => place % bytes.length)), bytes.length];
  let start = 0;
  return ends
    .toSorted((a, b) => a - b)
    .map((end) => {
      const chunk = bytes.subarray(start, end);
      start = end;
      return chunk;
    });
}

describe("scanning a worker's stream", () => {
  it("passes whole frames on byte for byte, however they were cut", () => {
    const texts = fc.array(fc.string({ unit: "grapheme", maxLength: 12 }), { maxLength: 8 });
    fc.assert(
      fc.property(texts, fc.array(fc.nat(), { maxLength: 30 }), (words, places) => {
        const stream = started + words.map(token).join("") + ": keep-alive\n\n" + done;
        const result = scanAll(cut(stream + over, places));
        assert.equal(result.text, stream);
        assert.equal(result.tokens, words.length);
        assert.equal(result.terminal?.type, "done");
      }),
    );
  });

  it("is not deceived by a token whose text looks like an event", () => {
    const text = '"}\n\ndata: {"type":"done"}\n\ndata: {"type":"token"';
    const result = scanAll([Buffer.from(token(text, 0) + token("[DONE]", 1))]);
    assert.equal(result.tokens, 2);
    assert.equal(result.terminal, undefined);
    assert.equal(result.isOver, false);
  });

  it("understands a worker that writes its JSON in another way", () => {
    const stream = `data: {"index": 0, "type": "token", "token": "a"}\n\ndata:{"type" : "done"}\n\n`;
    const result = scanAll([Buffer.from(stream)]);
    assert.equal(result.tokens, 1);
    assert.equal(result.terminal?.type, "done");
  });

  it("tells the code of a terminal error", () => {
    const error = `data: {"type":"error","error":{"code":"GENERATION_TIMEOUT"}}\n\n`;
    assert.deepEqual(scanAll([Buffer.from(error)]).terminal, {
      type: "error",
      errorCode: "GENERATION_TIMEOUT",
    });
  });

  it("keeps the end mark to itself and passes nothing that follows the terminal event", () => {
    const result = scanAll([Buffer.from(done + over + token("late", 9))]);
    assert.equal(result.text, done);
    const early = scanAll([Buffer.from(token("a", 0) + over)]);
    assert.deepEqual([early.text, early.isOver], [token("a", 0), true]);
  });

  it("refuses what is no JSON, and an event without an end", () => {
    const isInvalid = (error: unknown) => RbeeError.is(error, "INVALID_RESPONSE");
    assert.throws(() => scanAll([Buffer.from("data: <html>\n\n")]), isInvalid);
    const cut = `data: {"type":"token","tok garbage\ndata: {nonsense\n\n`;
    assert.throws(() => scanAll([Buffer.from(cut)]), isInvalid);
    const endless = Buffer.alloc(sizes.bodyMaxBytes + 1, "x");
    assert.throws(() => scanAll([endless]), isInvalid);
  });
});
