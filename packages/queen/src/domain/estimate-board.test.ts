import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createEstimateBoard } from "./estimate-board.ts";
import type { NodeEstimate } from "./placement-facts.ts";

const fits: NodeEstimate = { verdict: "fits" };
const refused: NodeEstimate = {
  verdict: "refused",
  refusal: { code: "NODE_NOT_FOUND", details: { node: "a" } },
};
const [a, b] = [
  { name: "a", ordinal: 0 },
  { name: "b", ordinal: 1 },
];

describe("what hives said of requests", () => {
  it("is remembered by key and node, the latest word of each, with how many are shut", () => {
    const board = createEstimateBoard(1000);
    board.note({ node: a, key: "x" }, { estimate: refused, atMs: 0 });
    board.note({ node: b, key: "x" }, { estimate: refused, atMs: 0 });
    board.note({ node: b, key: "x" }, { estimate: fits, atMs: 1 });
    const known = board.estimatesOf("x", 2);
    assert.deepEqual([known.of(a), known.of(b), known.shutCount], [refused, fits, 1]);
    const other = board.estimatesOf("y", 2);
    assert.deepEqual([other.of(a), other.shutCount], [undefined, 0]);
  });

  it("is forgotten after its time, each word by itself, and a key with its last word", () => {
    const board = createEstimateBoard(1000);
    board.note({ node: a, key: "x" }, { estimate: refused, atMs: 0 });
    board.note({ node: b, key: "x" }, { estimate: refused, atMs: 600 });
    assert.equal(board.estimatesOf("x", 1000).shutCount, 2);
    const later = board.estimatesOf("x", 1001);
    assert.deepEqual([later.of(a), later.of(b), later.shutCount], [undefined, refused, 1]);
    board.note({ node: a, key: "y" }, { estimate: fits, atMs: 1601 });
    assert.equal(board.size(), 1);
  });

  it("is forgotten of a node where something changed", () => {
    const board = createEstimateBoard(1000);
    for (const key of ["x", "y"]) board.note({ node: a, key }, { estimate: refused, atMs: 0 });
    board.note({ node: b, key: "x" }, { estimate: refused, atMs: 0 });
    board.forgetNode(a);
    assert.equal(board.estimatesOf("x", 1).of(a), undefined);
    assert.deepEqual(
      [board.estimatesOf("x", 1).shutCount, board.estimatesOf("y", 1).shutCount],
      [1, 0],
    );
  });
});
