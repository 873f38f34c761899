import type { LlamaModel } from "node-llama-cpp";
import type { ModelFacts } from "../engine.ts";
import { detectToolSyntax } from "../tools/tool-syntax.ts";
import type { StepLimits } from "./step-scheduler.ts";

type SamplingDefaults = ModelFacts["samplingDefaults"];

/** What the file says about the model; `contextSize` is the smaller of wish and training. */
export function readModelFacts(model: LlamaModel, contextSizeWished: number): ModelFacts {
  const { general, tokenizer } = model.fileInfo.metadata;
  return {
    architecture: model.architecture,
    trainedContextSize: model.trainContextSize,
    contextSize: Math.min(contextSizeWished, model.trainContextSize),
    vocabularySize: tokenizer?.ggml?.tokens?.length ?? 0,
    layers: model.fileInsights.totalLayers - 1,
    hasChatTemplate: tokenizer?.chat_template !== undefined,
    toolSyntax: detectToolSyntax(tokenizer?.chat_template),
    ...readAbilities(model),
    samplingDefaults: readSamplingDefaults(general),
  };
}

// An encoder reads a whole text at once and has no next token; a model with a classifier on top
// gives a number.
function readAbilities({
  architecture,
  fileInsights,
  fileInfo,
}: LlamaModel): Pick<ModelFacts, "canGenerate" | "canEmbed" | "canRank"> {
  const canRank = fileInsights.supportsRanking;
  const { attention } = fileInfo.architectureMetadata as { attention?: { causal?: unknown } };
  const isEncoder = attention?.causal === false || /bert|t5encoder/.test(architecture);
  const isEncoderDecoder = fileInsights.hasEncoder && fileInsights.hasDecoder;
  return {
    canGenerate: !isEncoder && !canRank,
    canEmbed: !isEncoderDecoder && !canRank,
    canRank,
  };
}

// `general.sampling.*` in llama.cpp's names.
function readSamplingDefaults(general: unknown): SamplingDefaults {
  if (!hasField(general, "sampling")) return {};
  const { sampling } = general;
  const defaults: { -readonly [Name in keyof SamplingDefaults]: SamplingDefaults[Name] } = {};
  const names = { temperature: "temp", topP: "top_p", topK: "top_k", minP: "min_p" } as const;
  for (const [name, key] of Object.entries(names) as [keyof typeof names, string][]) {
    if (hasField(sampling, key) && typeof sampling[key] === "number")
      defaults[name] = sampling[key];
  }
  return defaults;
}

function hasField<Name extends string>(
  value: unknown,
  name: Name,
): value is Readonly<Record<Name, unknown>> {
  return typeof value === "object" && value !== null && name in value;
}

/** Tokens that one step takes at most; the context's buffers are made for so many. */
export const batchTokensMax = 512;
// Parameters times tokens that a core gets through in about half a second.
const chunkWorkPerCore = 32_000_000_000;
const chunkTokensMin = 32;

/**
 * How many prompt tokens a step reads decides how long a cancelled prompt goes on and how long it
 * holds the others up; on a processor that grows with the model (`cores` is undefined on a GPU).
 * The sizes are fixed for a model and a machine, because another chunking may round differently and
 * the same request must give the same text.
 */
export function chooseStepLimits(parameters: number, cores: number | undefined): StepLimits {
  if (cores === undefined) {
    return { batchTokensMax, promptTokensAloneMax: batchTokensMax, promptTokensSharedMax: 256 };
  }
  const wished = 2 ** Math.floor(Math.log2((chunkWorkPerCore * cores) / parameters));
  const promptTokensAloneMax = Math.min(batchTokensMax, Math.max(chunkTokensMin, wished));
  const promptTokensSharedMax = Math.max(chunkTokensMin, promptTokensAloneMax / 2);
  return { batchTokensMax, promptTokensAloneMax, promptTokensSharedMax };
}
