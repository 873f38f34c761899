import type { Sampling } from "../engine.ts";

/** A token that may be next, and its logit. */
export interface Candidate {
  readonly token: number;
  readonly logit: number;
}

/**
 * Chooses a token as llama.cpp's own samplers do: top-k, top-p, min-p, temperature, then chance. It
 * is for those requests that want to know how probable each token was: the library tells that only
 * of what its samplers have left over.
 */
export class TokenSampler {
  readonly #sampling: Sampling;
  #state: number;

  constructor(sampling: Sampling, seed: number) {
    this.#sampling = sampling;
    this.#state = seed >>> 0;
  }

  /** From the candidates, the most probable first. */
  choose(candidates: readonly Candidate[]): Candidate {
    const { temperature } = this.#sampling;
    const [best] = candidates;
    if (best === undefined) throw new Error("there is no token to choose");
    if (temperature <= 0) return best;
    const left = this.#keepProbable(candidates, best.logit);
    const weights = left.map(({ logit }) => Math.exp((logit - best.logit) / temperature));
    let rest = this.#draw() * weights.reduce((sum, weight) => sum + weight, 0);
    const index = weights.findIndex((weight) => (rest -= weight) < 0);
    return left[index] ?? best;
  }

  #keepProbable(candidates: readonly Candidate[], bestLogit: number): readonly Candidate[] {
    const { topK, topP, minP } = this.#sampling;
    const first = topK > 0 ? candidates.slice(0, topK) : candidates;
    const weights = first.map(({ logit }) => Math.exp(logit - bestLogit));
    const enough = topP * weights.reduce((sum, weight) => sum + weight, 0);
    let seen = 0;
    let length = 0;
    while (length < first.length && (length === 0 || seen < enough)) seen += weights[length++] ?? 0;
    return first.slice(0, length).filter((_candidate, index) => (weights[index] ?? 0) >= minP);
  }

  // mulberry32: the same seed gives the same text.
  #draw(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
