import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { placeTask } from "./place-task.ts";
import { buildFacts, buildNode, buildWorker } from "./placement-fixture.ts";
import { createPrefixIndex } from "./prefix-index.ts";
import { hashPromptPrefix } from "./prompt-prefix.ts";

const block = { blockCharacters: 8, blocksMax: 64 };
const hash = (text: string) => hashPromptPrefix(text, block);

function sharedBlocks(left: string, right: string): number {
  let characters = 0;
  while (characters < left.length && left[characters] === right[characters]) characters += 1;
  return Math.floor(Math.min(characters, right.length) / block.blockCharacters);
}

describe("the index of prompt beginnings", () => {
  it("finds the longest shared beginning, as comparing the texts would", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 0, maxLength: 80 });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 8 }), text, (seen, asked) => {
        const index = createPrefixIndex<number>({ blocksPerWorker: 64, blocksMax: 10_000 });
        seen.forEach((prompt, worker) => index.note(worker, hash(prompt)));
        const expected = Math.max(0, ...seen.map((prompt) => sharedBlocks(prompt, asked)));
        const [best] = index.matches(hash(asked));
        assert.equal(best?.blocks ?? 0, expected);
        if (best !== undefined) {
          assert.equal(sharedBlocks(seen[best.worker] ?? "", asked), expected);
        }
      }),
    );
  });

  it("keeps to its bounds and forgets ends before beginnings, and a worker with all it saw", () => {
    const index = createPrefixIndex<string>({ blocksPerWorker: 4, blocksMax: 6 });
    index.note("w1", hash("abcdefgh".repeat(6)));
    assert.equal(index.size(), 4);
    assert.equal([...index.matches(hash("abcdefgh".repeat(6)))][0]?.blocks, 4);
    index.note("w1", hash("other---12345678"));
    assert.equal(index.size(), 4);
    assert.equal([...index.matches(hash("abcdefgh".repeat(6)))][0]?.blocks, 2);
    index.note("w2", hash("12345678".repeat(4)));
    assert.ok(index.size() <= 6);
    assert.deepEqual([...index.matches(hash("abcdefgh"))], []);
    index.forget("w2");
    assert.equal(index.size(), 0);
  });

  it("remembers of a worker as many prompts as it has slots, those that go on from another as one", () => {
    const index = createPrefixIndex<string>({ blocksPerWorker: 64, blocksMax: 1000 });
    const [one, two, three] = ["abcdefgh", "12345678", "ABCDEFGH"].map((text) => text.repeat(4));
    const blocks = (text = "") => [...index.matches(hash(text))][0]?.blocks ?? 0;
    index.note("w1", hash(one ?? ""), 2);
    index.note("w1", hash(two ?? ""), 2);
    index.note("w1", hash(`${one}and more`), 2);
    assert.deepEqual([blocks(`${one}and more`), blocks(two)], [5, 4]);
    index.note("w1", hash(three ?? ""), 2);
    assert.deepEqual([blocks(`${one}and more`), blocks(two), blocks(three)], [5, 0, 4]);
    assert.equal(index.size(), 9);
  });

  it("cannot tell prompts apart that are shorter than a block", () => {
    assert.deepEqual(hash("1234567").hashes, []);
    assert.equal(hash("12345678").hashes.length, 1);
  });
});

describe("a prompt that a worker saw the beginning of", () => {
  const prefix = hash("abcdefgh".repeat(4));
  const cold = buildWorker({ id: "cold" });
  const place = (warm: ReturnType<typeof buildWorker>, characters: number) => {
    const nodes = [buildNode({ workers: [cold, warm] })];
    const facts = buildFacts({ nodes, prefixMatches: [{ worker: warm, characters }] });
    const placement = placeTask({ model: "hello-bee", mayWait: true, prefix }, facts);
    return placement.kind === "use" ? placement.worker.id : placement.kind;
  };

  it("goes there though another has more room", () => {
    assert.equal(place(buildWorker({ id: "warm", slotsFree: 2 }), 32), "warm");
  });

  it("does not go to a worker that is much busier than what it saves is worth", () => {
    assert.equal(place(buildWorker({ id: "warm", slotsFree: 1 }), 16), "cold");
    assert.equal(place(buildWorker({ id: "warm", slotsFree: 0 }), 32), "cold");
  });

  it("does not go to one that fails", () => {
    assert.equal(place(buildWorker({ id: "warm", slotsFree: 3, weight: 0.1 }), 32), "cold");
  });
});
