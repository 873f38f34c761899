import { z } from "zod";
import { generationFields } from "../inference.ts";
import { sizes } from "../limits.ts";
import { ModelReferenceText } from "../workers.ts";
import { RbeeExtension } from "./extension-fields.ts";

const { temperature, top_p, top_k, min_p, repetition_penalty } = generationFields;
const { frequency_penalty, presence_penalty, stop, logit_bias } = generationFields;

/** As OpenAI's clients send it: null is as good as nothing. */
export const sharedRequest = {
  model: ModelReferenceText,
  stream: z.boolean().nullish(),
  stream_options: z
    .strictObject({
      include_usage: z.boolean().nullish(),
      include_obfuscation: z.boolean().nullish(),
    })
    .nullish(),
  n: z.int().min(1).max(sizes.choicesMax).nullish(),
  seed: z.int().nullish(),
  stop: z.union([z.string().min(1).max(sizes.stopSequenceCharactersMax), stop.unwrap()]).nullish(),
  temperature: temperature.nullish(),
  top_p: top_p.nullish(),
  top_k: top_k.nullish(),
  min_p: min_p.nullish(),
  repetition_penalty: repetition_penalty.nullish(),
  frequency_penalty: frequency_penalty.nullish(),
  presence_penalty: presence_penalty.nullish(),
  logit_bias: logit_bias.nullish(),
  rbee: RbeeExtension.nullish(),
} as const;

/** What both kinds of completion have in common. */
export const SharedOpenAiRequest = z.object(sharedRequest);
export type SharedOpenAiRequest = z.infer<typeof SharedOpenAiRequest>;
