import { samplingDefaults, temperatureDefault } from "@rbee/contract";
export interface SamplingValues {
  readonly temperature: number;
  readonly topP: number;
  readonly topK: number;
  readonly minP: number;
  readonly repetitionPenalty: number;
  readonly frequencyPenalty: number;
  readonly presencePenalty: number;
}

export type SamplingWishes = {
  readonly [Name in keyof SamplingValues]?: SamplingValues[Name] | undefined;
};

const lastResort: SamplingValues = { temperature: temperatureDefault, ...samplingDefaults };
const names = Object.keys(lastResort) as (keyof SamplingValues)[];

/**
 * Each value from the first wish that has it: the request comes first, then what lies beside the
 * model file, then the model file itself, and last our defaults.
 */
export function resolveSampling(...wishes: readonly SamplingWishes[]): SamplingValues {
  const resolved: { -readonly [Name in keyof SamplingValues]: number } = { ...lastResort };
  for (const name of names) {
    resolved[name] = wishes.find((wish) => wish[name] !== undefined)?.[name] ?? lastResort[name];
  }
  return resolved;
}
