import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sizes } from "@rbee/contract";
import fc from "fast-check";
import { planTokenBudget } from "./token-budget.ts";

const count = fc.integer({ min: 1, max: 10_000 });
const input = fc.record({
  promptTokens: count,
  maxTokensWished: fc.option(count, { nil: undefined }),
  contextSize: count,
});

describe("the token budget", () => {
  it("is 512 tokens when nothing is wished and there is room", () => {
    const plan = planTokenBudget({
      promptTokens: 10,
      maxTokensWished: undefined,
      contextSize: 4096,
    });
    assert.deepEqual(plan, { fits: true, maxTokens: sizes.maxTokensDefault });
  });

  it("is what is left when that is less", () => {
    const plan = planTokenBudget({
      promptTokens: 90,
      maxTokensWished: undefined,
      contextSize: 100,
    });
    assert.deepEqual(plan, { fits: true, maxTokens: 10 });
  });

  it("lets a wish fill the context to the last token, and refuses one more", () => {
    const plan = (maxTokensWished: number) =>
      planTokenBudget({ promptTokens: 90, maxTokensWished, contextSize: 100 });
    assert.deepEqual(plan(10), { fits: true, maxTokens: 10 });
    assert.deepEqual(plan(11), { fits: false });
  });

  it("cuts a wish that says so to what is left, and still refuses a prompt without room", () => {
    const plan = (promptTokens: number) =>
      planTokenBudget({ promptTokens, maxTokensWished: 50, contextSize: 100, isCapped: true });
    assert.deepEqual(plan(40), { fits: true, maxTokens: 50 });
    assert.deepEqual(plan(90), { fits: true, maxTokens: 10 });
    assert.deepEqual(plan(100), { fits: false });
  });

  it("refuses a prompt that leaves no room for a token", () => {
    const plan = planTokenBudget({
      promptTokens: 100,
      maxTokensWished: undefined,
      contextSize: 100,
    });
    assert.deepEqual(plan, { fits: false });
  });

  it("never exceeds the context, and never cuts a wish", () => {
    fc.assert(
      fc.property(input, (asked) => {
        const plan = planTokenBudget(asked);
        if (!plan.fits) return;
        assert.ok(plan.maxTokens >= 1);
        assert.ok(asked.promptTokens + plan.maxTokens <= asked.contextSize);
        assert.equal(plan.maxTokens, asked.maxTokensWished ?? plan.maxTokens);
      }),
    );
  });
});
