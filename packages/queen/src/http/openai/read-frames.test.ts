import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { TaskEvent } from "@rbee/contract";
import fc from "fast-check";
import { readFrames, textOfBytes } from "./read-frames.ts";

/** As our workers write a token; see `encodeTokenFrame` there. */
function tokenFrame(text: string, index: number, more = ""): string {
  return `data: {"type":"token","token":${JSON.stringify(text)},"index":${index}${more}}\n\n`;
}

function read(frames: string | Uint8Array) {
  const tokens: string[] = [];
  const events: TaskEvent[] = [];
  readFrames(frames, {
    onToken: (json) => tokens.push(JSON.parse(textOfBytes(json)) as string),
    onEvent: (event) => events.push(event),
  });
  return { tokens, events };
}

describe("reading a task's frames", () => {
  it("cuts the text out of each token, whatever stands in it", () => {
    const texts = fc.array(fc.string({ unit: "grapheme" }));
    fc.assert(
      fc.property(texts, (list) => {
        const frames = list.map((text, index) => tokenFrame(text, index)).join("");
        assert.deepEqual(read(frames), { tokens: list, events: [] });
        assert.deepEqual(read(Buffer.from(frames)), { tokens: list, events: [] });
      }),
    );
  });

  it("is not deceived by a text that looks like the end of a token", () => {
    for (const text of ['","index":5}', '"', "\\", '\\","index":5}\n\n', "}\n\ndata: {", "🐝"]) {
      assert.deepEqual(read(tokenFrame(text, 0)).tokens, [text]);
    }
  });

  it("parses what is no plain token, and skips what is no event", () => {
    const logprob = { token: "a", logprob: -1, top: [] };
    const frames = [
      ": keep-alive\n\n",
      tokenFrame("a", 7, `,"logprob":${JSON.stringify(logprob)}`),
      'data: {"index":8,"type":"token","token":"b"}\n\n',
      'data: {"type":"token","token":"c","index":9,"more":1}\n\n',
      'data: {"type":"metrics","tokens_per_sec":1,"tokens":2}\n\n',
      "data: [DONE]\n\n",
    ];
    const { tokens, events } = read(frames.join(""));
    assert.deepEqual(tokens, []);
    assert.deepEqual(
      events.map((event) => [event.type, "token" in event ? event.token : undefined]),
      [
        ["token", "a"],
        ["token", "b"],
        ["token", "c"],
        ["metrics", undefined],
      ],
    );
    assert.deepEqual((events[0] as { logprob?: object }).logprob, logprob);
  });
});
