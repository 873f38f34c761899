import assert from "node:assert/strict";
import { it } from "node:test";
import { findKeyProblem } from "./find-key-problem.ts";

it("finds what cannot be a key before it is sent", () => {
  for (const key of ["", "rbee_abc123", "  rbee_abc123\n", "a!~"]) {
    assert.equal(findKeyProblem(key), undefined, key);
    // What passes here can stand in the header.
    const headers = new Headers({ authorization: `Bearer ${key.trim()}` });
    assert.ok(headers.has("authorization"));
  }
  assert.match(findKeyProblem("rbee_abc rbee_def") ?? "", /one word/);
  assert.match(findKeyProblem("rbee_abc\nrbee_def") ?? "", /one word/);
  for (const key of ["rbee_„abc“", "rbee_abc\u200B1", "rbee_ab\u0007c"]) {
    assert.match(findKeyProblem(key) ?? "", /copy it once more/);
  }
});
