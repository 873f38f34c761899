import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isNews, isOver } from "./loading-state.ts";

const progress = (layersLoaded: number) => ({ layersLoaded, layersTotal: 7, loadedMb: 1 });

describe("loading", () => {
  it("tells each layer once", () => {
    assert.ok(isNews({ phase: "waiting" }, progress(0)));
    assert.ok(isNews({ phase: "loading", progress: progress(3) }, progress(4)));
    assert.ok(!isNews({ phase: "loading", progress: progress(3) }, progress(3)));
  });

  it("has no news once it is over", () => {
    assert.ok(!isNews({ phase: "ready", progress: undefined }, progress(7)));
    assert.ok(isOver({ phase: "ready", progress: undefined }));
    assert.ok(!isOver({ phase: "waiting" }));
  });
});
