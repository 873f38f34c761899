import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createWayMemory } from "./way-memory.ts";

describe("what is kept of the way to a node", () => {
  it("is there for the next queen until it is forgotten, and nothing when it cannot be read", () => {
    const folder = mkdtempSync(join(tmpdir(), "rbee-ways-"));
    try {
      const way = { host: "mac", port: 9300, isClosed: true, hasAnswered: true };
      createWayMemory(folder, "mac").write(way);
      assert.deepEqual(createWayMemory(folder, "mac").read(), way);
      assert.equal(createWayMemory(folder, "other").read(), undefined);
      writeFileSync(join(folder, "ways/mac.json"), "{");
      assert.equal(createWayMemory(folder, "mac").read(), undefined);
      createWayMemory(folder, "mac").forget();
      createWayMemory(folder, "mac").forget();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
