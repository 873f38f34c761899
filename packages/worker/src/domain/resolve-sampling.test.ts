import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { samplingDefaults, temperatureDefault } from "@rbee/contract";
import fc from "fast-check";
import { resolveSampling } from "./resolve-sampling.ts";
import type { SamplingWishes } from "./resolve-sampling.ts";

const value = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined });
const wishes: fc.Arbitrary<SamplingWishes> = fc.record({
  temperature: value,
  topP: value,
  minP: value,
});

describe("the sampling of a request", () => {
  it("is ours when nobody wishes anything", () => {
    assert.deepEqual(resolveSampling({}, {}, {}), {
      temperature: temperatureDefault,
      ...samplingDefaults,
    });
  });

  it("takes each value from whoever comes first: request, model's side file, model file", () => {
    const resolved = resolveSampling(
      { topK: 3 },
      { temperature: 0.3, topK: 7 },
      { temperature: 1.1, topP: 0.5, topK: 9 },
    );
    assert.equal(resolved.topK, 3);
    assert.equal(resolved.temperature, 0.3);
    assert.equal(resolved.topP, 0.5);
    assert.equal(resolved.minP, samplingDefaults.minP);
  });

  it("takes zero for a wish", () => {
    assert.equal(resolveSampling({ temperature: 0 }, { temperature: 0.3 }).temperature, 0);
  });

  it("has only values that somebody wished or that are defaults", () => {
    fc.assert(
      fc.property(fc.array(wishes, { maxLength: 4 }), (list) => {
        const { temperature } = resolveSampling(...list);
        const wished = list.map((wish) => wish.temperature).filter((one) => one !== undefined);
        assert.equal(temperature, wished[0] ?? temperatureDefault);
      }),
    );
  });
});
