import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Sampling } from "../engine.ts";
import { greedy } from "./engine-fixture.ts";
import { TokenSampler } from "./token-sampler.ts";
import type { Candidate } from "./token-sampler.ts";

const probabilities = [0.5, 0.3, 0.15, 0.05];
const candidates: readonly Candidate[] = probabilities.map((probability, token) => ({
  token,
  logit: Math.log(probability) + 7,
}));

/** How often each token is chosen in 20,000 draws, as a part of one. */
function countChoices(sampling: Partial<Sampling>, seed = 1): number[] {
  const sampler = new TokenSampler({ ...greedy, temperature: 1, ...sampling }, seed);
  const counts = probabilities.map(() => 0);
  const rounds = 20_000;
  for (let round = 0; round < rounds; round += 1) {
    const { token } = sampler.choose(candidates);
    counts[token] = (counts[token] ?? 0) + 1 / rounds;
  }
  return counts;
}

function isNear(counts: readonly number[], expected: readonly number[]): void {
  for (const [token, part] of expected.entries()) {
    const count = counts[token] ?? 0;
    assert.ok(Math.abs(count - part) < 0.02, `token ${token}: ${count} is not near ${part}`);
  }
}

describe("the choice of a token", () => {
  it("follows the probabilities at temperature 1, and the best at 0", () => {
    isNear(countChoices({}), probabilities);
    assert.equal(countChoices({ temperature: 0 })[0]?.toFixed(3), "1.000");
  });

  it("keeps the first of top-k, the most probable of top-p, and what min-p allows", () => {
    isNear(countChoices({ topK: 2 }), [0.625, 0.375, 0, 0]);
    isNear(countChoices({ topP: 0.7 }), [0.625, 0.375, 0, 0]);
    isNear(countChoices({ topP: 0 }), [1, 0, 0, 0]);
    isNear(countChoices({ minP: 0.2 }), [0.5 / 0.95, 0.3 / 0.95, 0.15 / 0.95, 0]);
  });

  it("grows sharper when it is colder", () => {
    const squares = probabilities.map((probability) => probability ** 2);
    const sum = squares.reduce((total, square) => total + square, 0);
    isNear(
      countChoices({ temperature: 0.5 }),
      squares.map((square) => square / sum),
    );
  });

  it("is the same for the same seed, and another for another", () => {
    assert.deepEqual(countChoices({}, 7), countChoices({}, 7));
    assert.notDeepEqual(countChoices({}, 7), countChoices({}, 8));
  });
});
