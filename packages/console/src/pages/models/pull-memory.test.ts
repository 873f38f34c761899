import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createPullMemory } from "./pull-memory.ts";

function openStorage(before?: string) {
  let text = before ?? null;
  return {
    getItem: () => text,
    setItem: (_name: string, next: string) => {
      text = next;
    },
  };
}

describe("downloads that were begun", () => {
  it("are remembered once each, the newest first, until they are forgotten", () => {
    const storage = openStorage();
    const memory = createPullMemory(storage);
    memory.remember({ model: "hf:a/b", node: "local" });
    memory.remember({ model: "hf:a/b", node: "mac" });
    memory.remember({ model: "hf:a/b", node: "local" });
    assert.deepEqual(
      createPullMemory(storage)
        .list()
        .map(({ node }) => node),
      ["local", "mac"],
    );
    memory.forget({ model: "hf:a/b", node: "local" });
    assert.deepEqual(memory.list(), [{ model: "hf:a/b", node: "mac" }]);
  });

  it("are none where something else stands", () => {
    assert.deepEqual(createPullMemory(openStorage("{")).list(), []);
    assert.deepEqual(createPullMemory(openStorage('{"a":1}')).list(), []);
  });
});
