import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { describe, it } from "node:test";
import { savePartial } from "./save-partial.ts";

describe("a partial answer", () => {
  it("is saved where the documentation says, for its owner only", () => {
    const id = randomUUID();
    const path = savePartial(id, "Once upon");
    try {
      assert.equal(path, `/tmp/rbee-partial-${id}.txt`);
      assert.equal(readFileSync(path ?? "", "utf8"), "Once upon");
      assert.equal(statSync(path ?? "").mode & 0o777, 0o600);
    } finally {
      rmSync(path ?? "", { force: true });
    }
  });

  it("never follows a link that somebody put there before", () => {
    const id = randomUUID();
    const trap = `/tmp/rbee-partial-${id}.txt`;
    const victim = `/tmp/rbee-partial-victim-${id}`;
    symlinkSync(victim, trap);
    try {
      assert.equal(savePartial(id, "secret"), undefined);
      assert.throws(() => statSync(victim));
    } finally {
      rmSync(trap);
    }
  });

  it("without text leaves no file", () => {
    assert.equal(savePartial(randomUUID(), ""), undefined);
  });
});
