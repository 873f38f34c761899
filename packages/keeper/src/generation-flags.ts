import { backends, bundledModelReference, generationFields, localNodeName } from "@rbee/contract";
import { patterns, sizes, temperatureDefault } from "@rbee/contract";
import type { z } from "zod";
import { integerFlag, listFlag, numberFlag, switchFlag, textFlag, withDefault } from "./flags.ts";
import type { Flag, FlagValues } from "./flags.ts";

// The contract says what is allowed; the parser only asks it, so that both always agree.
function rangeOf(schema: z.ZodOptional<z.ZodNumber>): { minimum: number; maximum?: number } {
  const { minValue, maxValue } = schema.unwrap();
  const isOpen = maxValue === null || maxValue >= Number.MAX_SAFE_INTEGER;
  return { minimum: minValue ?? 0, ...(isOpen ? {} : { maximum: maxValue }) };
}

function checkNodeName(text: string): string | undefined {
  const isName = patterns.nodeName.test(text) && text.length <= sizes.identifierMax;
  return isName ? undefined : "A node name has letters, digits, dots and hyphens.";
}

export function nodeFlag(summary: string): Flag<string | undefined> {
  return textFlag("name", summary, { check: checkNodeName });
}

/** Commands about one node mean this machine when none is named. */
export const localNodeFlag = withDefault(nodeFlag("the node"), localNodeName);

/** Where a model is to run. */
export const placementFlags = {
  node: nodeFlag("the node to run on (default: the queen chooses)"),
  model: withDefault(textFlag("reference", "the model"), bundledModelReference),
  backend: textFlag("name", "what computes", { choices: backends }),
  device: integerFlag("number of the GPU", { minimum: 0 }),
  context: integerFlag("tokens of context per slot", { minimum: 16 }),
};

/** What `infer` and `chat` share. */
export const generationFlags = {
  ...placementFlags,
  maxTokens: integerFlag("tokens to generate at most", {
    ...rangeOf(generationFields.max_tokens),
    shownDefault: String(sizes.maxTokensDefault),
  }),
  temperature: numberFlag("0 always takes the likeliest token", {
    ...rangeOf(generationFields.temperature),
    shownDefault: `the model's own, else ${temperatureDefault}`,
  }),
  topP: numberFlag("sample from this share of the probability", rangeOf(generationFields.top_p)),
  topK: integerFlag("sample from this many tokens", rangeOf(generationFields.top_k)),
  minP: numberFlag("drop tokens below this share of the best", rangeOf(generationFields.min_p)),
  repetitionPenalty: numberFlag(
    "above 1 makes a token that came already less likely",
    rangeOf(generationFields.repetition_penalty),
  ),
  seed: integerFlag("the same seed gives the same text", rangeOf(generationFields.seed)),
  stop: listFlag("text", "end the answer before this text; repeatable", {
    itemsMax: sizes.stopSequencesMax,
    charactersMax: sizes.stopSequenceCharactersMax,
  }),
  system: textFlag("text", "what the model is told before everything else"),
  noWait: switchFlag("do not queue when all slots are busy"),
  ephemeral: switchFlag("stop everything that this command started when it ends"),
  timeout: numberFlag("seconds until the answer must be complete", {
    minimum: 0.001,
    maximum: 86_400,
  }),
};
export type GenerationValues = FlagValues<typeof generationFlags>;
