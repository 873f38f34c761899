import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readableLogLine } from "./readable-log-line.ts";

describe("a line of a program's output", () => {
  it("is its text when it is no JSON", () => {
    assert.equal(readableLogLine("terminate called"), "terminate called");
    assert.equal(readableLogLine("{broken"), "{broken");
  });

  it("is what the narration says", () => {
    const line = JSON.stringify({ narration: { human: "Loading hello-bee", actor: "engine" } });
    assert.equal(readableLogLine(line), "Loading hello-bee");
  });

  it("is the message of a log line with its cause", () => {
    const line = JSON.stringify({
      level: "error",
      msg: "loading failed",
      error: { message: "bad" },
    });
    assert.equal(readableLogLine(line), "loading failed: bad");
  });

  it("is nothing when it only tells a state", () => {
    assert.equal(readableLogLine(JSON.stringify({ status: { state: "idle" } })), undefined);
  });

  it("is nothing when it is blank or a place in the code", () => {
    for (const line of ["", "  ", "    at place (file.ts:1:2)", "}", "Node.js v24.21.0"]) {
      assert.equal(readableLogLine(line), undefined, line);
    }
  });
});
