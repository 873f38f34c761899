import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readableWorkerLine } from "./readable-worker-line.ts";

describe("a line of a worker's output", () => {
  it("is its text when it is no JSON", () => {
    assert.equal(readableWorkerLine("terminate called"), "terminate called");
    assert.equal(readableWorkerLine("{broken"), "{broken");
  });

  it("is what the narration says", () => {
    const line = JSON.stringify({ narration: { human: "Loading hello-bee", actor: "engine" } });
    assert.equal(readableWorkerLine(line), "Loading hello-bee");
  });

  it("is the message of a log line with its cause", () => {
    const line = JSON.stringify({
      level: "error",
      msg: "loading failed",
      error: { message: "bad" },
    });
    assert.equal(readableWorkerLine(line), "loading failed: bad");
  });

  it("is nothing when it only tells a state", () => {
    assert.equal(readableWorkerLine(JSON.stringify({ status: { state: "idle" } })), undefined);
  });
});
