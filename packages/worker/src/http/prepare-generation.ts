import { RbeeError } from "@rbee/contract";
import type { ChatMessageOnWire, InferenceRequest } from "@rbee/contract";
import { resolveSampling } from "../domain/resolve-sampling.ts";
import type { SamplingWishes } from "../domain/resolve-sampling.ts";
import { planTokenBudget } from "../domain/token-budget.ts";
import type { ChatMessage, EnginePrompt, GenerateRequest, Sampling } from "../engine.ts";
import type { LoadedModel, Ticket } from "../ports.ts";
import { buildToolGrammar } from "../tools/build-tool-grammar.ts";
import { ToolCallReader } from "../tools/tool-call-reader.ts";
import { planTools } from "../tools/tool-plan.ts";
import type { ToolPlan } from "../tools/tool-plan.ts";
import { requestFailure } from "./request-failure.ts";

export interface PreparedGeneration {
  readonly request: GenerateRequest;
  /** Divides the answer into text and calls; absent where nothing is called. */
  readonly reader: ToolCallReader | undefined;
}

/**
 * What the engine is to do. Throws CONTEXT_EXCEEDED, CAPABILITY_MISSING, or INVALID_REQUEST for its
 * messages.
 */
export async function prepareGeneration(
  request: InferenceRequest,
  ticket: Ticket,
): Promise<PreparedGeneration> {
  const { model, signal } = ticket;
  const { facts } = model.engine;
  if (!facts.canGenerate) throw new RbeeError("CAPABILITY_MISSING", { capability: "generation" });
  const logitBias = readLogitBias(request, facts.vocabularySize);
  const plan = facts.toolSyntax === undefined ? undefined : planTools(request, facts.toolSyntax);
  const prompt = await preparePrompt(request, model, plan);
  const promptTokens = prompt.fits ? prompt.tokens.length : prompt.tokensAtLeast;
  const maxTokensWished = request.max_tokens;
  const { contextSize } = facts;
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
  const generate: GenerateRequest = {
    promptTokens: prompt.tokens,
    maxTokens: budget.maxTokens,
    sampling: chooseSampling(request, model),
    stop: request.stop ?? [],
    signal,
    ...(request.grammar === undefined ? {} : { grammar: request.grammar }),
    ...(request.json_schema === undefined ? {} : { jsonSchema: request.json_schema }),
    ...(request.logprobs === undefined ? {} : { logprobs: request.logprobs }),
    ...(logitBias === undefined ? {} : { logitBias }),
  };
  if (plan === undefined) return { request: generate, reader: undefined };
  return {
    request: { ...generate, grammar: buildToolGrammar(plan), showsToolMarkers: true },
    reader: new ToolCallReader(plan),
  };
}

async function preparePrompt(
  request: InferenceRequest,
  { engine }: LoadedModel,
  plan: ToolPlan | undefined,
) {
  const { prompt, messages = [] } = request;
  const input: EnginePrompt =
    prompt === undefined
      ? {
          messages: messages.map(messageFromWire),
          ...(plan === undefined ? {} : { tools: plan.tools }),
        }
      : { text: prompt };
  try {
    return await engine.preparePrompt(input);
  } catch (error) {
    throw requestFailure(error, prompt === undefined ? "messages" : "prompt");
  }
}

function messageFromWire(message: ChatMessageOnWire): ChatMessage {
  const { role, content, tool_calls: calls, tool_call_id: toolCallId } = message;
  const toolCalls = calls?.map(({ id, function: { name, arguments: text } }) => ({
    id,
    name,
    arguments: text,
  }));
  return {
    role,
    content,
    ...(toolCalls === undefined ? {} : { toolCalls }),
    ...(toolCallId === undefined ? {} : { toolCallId }),
  };
}

function readLogitBias(
  { logit_bias: biases }: InferenceRequest,
  vocabularySize: number,
): ReadonlyMap<number, number> | undefined {
  if (biases === undefined) return undefined;
  const unknown = Object.keys(biases).filter((token) => Number(token) >= vocabularySize);
  if (unknown.length > 0) {
    const message = `is no token of this model, which has ${vocabularySize}`;
    const errors = unknown.map((token) => ({
      field: `logit_bias.${token}`,
      constraint: "engine",
      message,
    }));
    throw new RbeeError("INVALID_REQUEST", { errors });
  }
  return new Map(Object.entries(biases).map(([token, bias]) => [Number(token), bias]));
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
