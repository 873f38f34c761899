import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judgeErrorClass } from "./judge-error-class.ts";

describe("the class of an error", () => {
  it("tells whose affair it is", () => {
    const classes = {
      INVALID_REQUEST: "client",
      NODE_NOT_FOUND: "client",
      QUEUE_FULL: "capacity",
      ALL_SLOTS_BUSY: "capacity",
      INSUFFICIENT_RAM: "capacity",
      SSE_CLOSED: "fault",
      INTERNAL_ERROR: "fault",
      CODE_OF_ANOTHER_VERSION: "fault",
    };
    for (const [code, expected] of Object.entries(classes)) {
      assert.equal(judgeErrorClass(code), expected, code);
    }
  });
});
