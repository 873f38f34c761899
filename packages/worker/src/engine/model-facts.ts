import type { LlamaModel } from "node-llama-cpp";
import type { ModelFacts } from "../engine.ts";
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
    samplingDefaults: readSamplingDefaults(general),
  };
}

// `general.sampling.*` in llama.cpp's names.
function readSamplingDefaults(general: unknown): SamplingDefaults {
  if (!hasField(general, "sampling")) return {};
  const { sampling } = general;
  const defaults: { -readonly [Name in keyof SamplingDefaults]: SamplingDefaults[Name] } = {};
  const names = { temperature: "temp", topP: "top_p", topK: "top_k", minP: "min_p" } as const;
  for (const [name, key] of Object.entries(names) as [keyof typeof names, string][]) {
    if (hasField(sampling, key) && typeof sampling[key] === "number") defaults[name] = sampling[key];
  }
  return defaults;
}

function hasField<Name extends string>(
  value: unknown,
  name: Name,
): value is Readonly<Record<Name, unknown>> {
  return typeof value === "object" && value !== null && name in value;
}

const billion = 1_000_000_000;

// How many prompt tokens a step reads decides how long a cancelled prompt goes on and how long it
// holds the others up. On a processor a chunk's time grows with the model, so larger models read
// smaller chunks. The sizes are fixed for a model, because another chunking may round differently
// and the same request must give the same text.
export function chooseStepLimits(parameters: number, usesGpu: boolean): StepLimits {
  const batchTokensMax = 512;
  if (usesGpu) return { batchTokensMax, promptTokensAloneMax: 512, promptTokensSharedMax: 256 };
  const promptTokensAloneMax =
    parameters < 0.5 * billion ? 512 : parameters < 2 * billion ? 256 : 128;
  return { batchTokensMax, promptTokensAloneMax, promptTokensSharedMax: promptTokensAloneMax / 2 };
}
