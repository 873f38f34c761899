import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatTraceparent, parseTraceparent } from "./traceparent.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";

describe("a traceparent", () => {
  it("is read and written as W3C says", () => {
    const text = `00-${traceId}-${spanId}-01`;
    const context = parseTraceparent(text);
    assert.deepEqual(context, { traceId, spanId, flags: 1 });
    assert.equal(context && formatTraceparent(context), text);
    assert.equal(parseTraceparent(`cc-${traceId}-${spanId}-09-what-will-be`)?.flags, 9);
  });

  it("that is none begins a new trace", () => {
    const wrong = [
      undefined,
      "",
      "bees",
      `ff-${traceId}-${spanId}-01`,
      `00-${"0".repeat(32)}-${spanId}-01`,
      `00-${traceId}-${"0".repeat(16)}-01`,
      `00-${traceId.toUpperCase()}-${spanId}-01`,
      `00-${traceId}-${spanId}`,
    ];
    for (const text of wrong) assert.equal(parseTraceparent(text), undefined, text);
  });
});
