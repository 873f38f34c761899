import { RbeeError } from "@rbee/contract";
import type { InferenceRequest } from "@rbee/contract";
import { resolveSampling } from "../domain/resolve-sampling.ts";
import type { SamplingWishes } from "../domain/resolve-sampling.ts";
import { planTokenBudget } from "../domain/token-budget.ts";
import type { EnginePrompt, GenerateRequest, Sampling } from "../engine.ts";
import type { LoadedModel, Ticket } from "../ports.ts";
import { requestFailure } from "./request-failure.ts";

/** What the engine is to do. Throws CONTEXT_EXCEEDED, or INVALID_REQUEST for its messages. */
export async function prepareGeneration(
  request: InferenceRequest,
  ticket: Ticket,
): Promise<GenerateRequest> {
  const { model, signal } = ticket;
  const contextSize = model.engine.facts.contextSize;
  const prompt = await preparePrompt(request, model);
  const promptTokens = prompt.fits ? prompt.tokens.length : prompt.tokensAtLeast;
  const maxTokensWished = request.max_tokens;
  const isCapped = request.max_tokens_capped === true;
  const budget = planTokenBudget({ promptTokens, maxTokensWished, contextSize, isCapped });
  if (!prompt.fits || !budget.fits) {
    throw new RbeeError("CONTEXT_EXCEEDED", {
      prompt_tokens: promptTokens,
      // What would have been cut is not what does not fit.
      max_tokens: isCapped ? null : (maxTokensWished ?? null),
      context: contextSize,
    });
  }
  return {
    promptTokens: prompt.tokens,
    maxTokens: budget.maxTokens,
    sampling: chooseSampling(request, model),
    stop: request.stop ?? [],
    signal,
    ...(request.grammar === undefined ? {} : { grammar: request.grammar }),
    ...(request.json_schema === undefined ? {} : { jsonSchema: request.json_schema }),
    ...(request.logprobs === undefined ? {} : { logprobs: request.logprobs }),
  };
}

async function preparePrompt(request: InferenceRequest, { engine }: LoadedModel) {
  const { prompt, messages } = request;
  const input: EnginePrompt =
    prompt === undefined ? { messages: messages ?? [] } : { text: prompt };
  try {
    return await engine.preparePrompt(input);
  } catch (error) {
    throw requestFailure(error, prompt === undefined ? "messages" : "prompt");
  }
}

function chooseSampling(request: InferenceRequest, model: LoadedModel): Sampling {
  const wishes: SamplingWishes = {
    temperature: request.temperature,
    topP: request.top_p,
    topK: request.top_k,
    minP: request.min_p,
    repetitionPenalty: request.repetition_penalty,
    frequencyPenalty: request.frequency_penalty,
    presencePenalty: request.presence_penalty,
  };
  const sampling = resolveSampling(wishes, ...model.sampling);
  return request.seed === undefined ? sampling : { ...sampling, seed: request.seed };
}
