import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { estimateMemory } from "./estimate-memory.ts";
import { buildModel, megabyte } from "./fit-fixture.ts";

// Goal: the formula stays at or a little above what llama.cpp itself says. Method: the numbers below
// are node-llama-cpp 3.22.1's `estimateModelResourceRequirementsV2` plus
// `estimateContextResourceRequirementsV2` (llama.cpp's own dry run; no GPU, batches of 512, flash
// attention "auto") for hello-bee, and for two files of random weights with grouped-query attention
// written by the testkit.
const helloBee = buildModel({
  sizeBytes: 3_078_400,
  contextLength: 1024,
  vocabularySize: 2048,
  shape: {
    layers: 6,
    embeddingLength: 192,
    heads: 6,
    keyValueHeads: 6,
    keyLength: 32,
    valueLength: 32,
  },
});
const grouped = buildModel({
  sizeBytes: 395_879_936,
  contextLength: 32_768,
  vocabularySize: 128_000,
  shape: {
    layers: 16,
    embeddingLength: 1024,
    heads: 16,
    keyValueHeads: 2,
    keyLength: 64,
    valueLength: 64,
  },
});
const eightBillion = buildModel({
  sizeBytes: 4_519_229_408,
  contextLength: 32_768,
  vocabularySize: 128_000,
  shape: {
    layers: 32,
    embeddingLength: 4096,
    heads: 32,
    keyValueHeads: 8,
    keyLength: 128,
    valueLength: 128,
  },
});

const engineNumbers = [
  { model: helloBee, context: 512, slots: 1, engineBytes: 3_012_864 + 8_665_088 },
  { model: helloBee, context: 1024, slots: 1, engineBytes: 3_012_864 + 10_106_880 },
  { model: helloBee, context: 1024, slots: 4, engineBytes: 3_012_864 + 24_262_656 },
  { model: helloBee, context: 1024, slots: 8, engineBytes: 3_012_864 + 43_137_024 },
  { model: grouped, context: 1024, slots: 4, engineBytes: 393_416_704 + 299_894_784 },
  { model: grouped, context: 4096, slots: 4, engineBytes: 393_416_704 + 400_558_080 },
  { model: eightBillion, context: 512, slots: 1, engineBytes: 4_516_757_504 + 346_032_128 },
  { model: eightBillion, context: 1024, slots: 8, engineBytes: 4_516_757_504 + 1_352_665_088 },
  { model: eightBillion, context: 4096, slots: 4, engineBytes: 4_516_757_504 + 2_426_406_912 },
];

describe("estimateMemory", () => {
  for (const { model, context, slots, engineBytes } of engineNumbers) {
    const title = `${model.sizeBytes} bytes with ${slots} slots of ${context} tokens`;
    it(`is what the engine says, or up to 1 % and 2 MB more, for ${title}`, () => {
      const estimate = estimateMemory(model, { slots, context });
      assert.ok(estimate !== undefined);
      assert.ok(estimate >= engineBytes, `${estimate} is less than ${engineBytes}`);
      assert.ok(estimate <= engineBytes * 1.01 + 2 * megabyte, `${estimate} for ${engineBytes}`);
    });
  }

  it("is unknown when the file does not tell its shape", () => {
    assert.equal(estimateMemory(buildModel(), { slots: 1, context: 512 }), undefined);
  });

  it("counts no more context than the model has", () => {
    assert.equal(
      estimateMemory(helloBee, { slots: 2, context: 100_000 }),
      estimateMemory(helloBee, { slots: 2, context: 1024 }),
    );
  });

  it("counts attention scores where key and value length differ", () => {
    const { shape } = eightBillion;
    assert.ok(shape !== null);
    const uneven = { ...eightBillion, shape: { ...shape, keyLength: 129, valueLength: 127 } };
    const run = { slots: 1, context: 32_768 };
    const difference =
      (estimateMemory(uneven, run) ?? 0) - (estimateMemory(eightBillion, run) ?? 0);
    assert.ok(difference > 1000 * megabyte);
  });

  it("is a whole number and grows with size, slots and context", () => {
    const run = fc.record({
      slots: fc.integer({ min: 1, max: 64 }),
      context: fc.integer({ min: 1, max: 32_768 }),
      extraBytes: fc.nat(),
    });
    fc.assert(
      fc.property(run, run, (one, other) => {
        const estimateOf = ({ slots, context, extraBytes }: typeof one) => {
          const sizeBytes = eightBillion.sizeBytes + extraBytes;
          return estimateMemory({ ...eightBillion, sizeBytes }, { slots, context }) ?? Number.NaN;
        };
        const larger = {
          slots: Math.max(one.slots, other.slots),
          context: Math.max(one.context, other.context),
          extraBytes: Math.max(one.extraBytes, other.extraBytes),
        };
        assert.ok(Number.isInteger(estimateOf(one)));
        assert.ok(estimateOf(larger) >= estimateOf(one));
      }),
    );
  });
});
