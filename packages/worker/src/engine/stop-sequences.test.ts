import assert from "node:assert/strict";
import { test } from "node:test";
import { StopWatcher } from "./stop-sequences.ts";

function watch(
  stops: readonly string[],
  pieces: readonly string[],
): [text: string, stopped: boolean] {
  const watcher = new StopWatcher(stops);
  const shown = pieces.map((piece) => watcher.push(piece)).join("");
  return [watcher.hasStopped ? shown : shown + watcher.flush(), watcher.hasStopped];
}

test("text before a stop sequence is kept and the sequence is not", () => {
  assert.deepEqual(watch(["END"], ["one two END three"]), ["one two ", true]);
});

test("a stop sequence is found across pieces", () => {
  assert.deepEqual(watch(["END"], ["one E", "N", "D two"]), ["one ", true]);
});

test("what only begins like a stop sequence is shown later", () => {
  const watcher = new StopWatcher(["END"]);
  assert.equal(watcher.push("one EN"), "one ");
  assert.equal(watcher.push("Emy"), "ENEmy");
  assert.equal(watcher.hasStopped, false);
});

test("the first of several stop sequences counts", () => {
  assert.deepEqual(watch(["three", "two"], ["one two three"]), ["one ", true]);
});

test("a sequence that overlaps itself is found", () => {
  assert.deepEqual(watch(["aab"], ["a", "a", "a", "b"]), ["a", true]);
});

test("what was held back comes at the end", () => {
  assert.deepEqual(watch(["END"], ["one EN"]), ["one EN", false]);
});

test("an empty stop sequence stops nothing", () => {
  assert.deepEqual(watch([""], ["one"]), ["one", false]);
});
