import type { SequenceEvaluateOptions } from "node-llama-cpp";
import type { Sampling } from "../engine.ts";

// llama.cpp's own default for how far back the penalties look.
const penaltyWindowTokens = 64;
// llama.cpp divides by the penalty; zero would turn every seen token into infinity.
const repetitionPenaltyMin = 0.01;
const seedMax = 0x7fff_ffff;

/** The library's sampling options; `recentTokens` is asked at each token when penalties are on. */
export function buildSamplingOptions(
  sampling: Sampling,
  recentTokens: (count: number) => number[],
): SequenceEvaluateOptions {
  const options: SequenceEvaluateOptions = {
    temperature: sampling.temperature,
    topP: sampling.topP,
    topK: sampling.topK,
    minP: sampling.minP,
    // Without a seed the library takes the clock in seconds: two requests in one second would agree.
    seed: sampling.seed ?? Math.floor(Math.random() * seedMax),
    yieldEogToken: true,
  };
  if (!hasPenalties(sampling)) return options;
  options.repeatPenalty = {
    punishTokens: () => recentTokens(penaltyWindowTokens) as never,
    maxPunishTokens: penaltyWindowTokens,
    penalty: Math.max(sampling.repetitionPenalty, repetitionPenaltyMin),
    frequencyPenalty: sampling.frequencyPenalty,
    presencePenalty: sampling.presencePenalty,
  };
  return options;
}

function hasPenalties(sampling: Sampling): boolean {
  return (
    sampling.repetitionPenalty !== 1 ||
    sampling.frequencyPenalty !== 0 ||
    sampling.presencePenalty !== 0
  );
}
