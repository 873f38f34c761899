// The one file that knows node-llama-cpp as more than types.
import { availableParallelism } from "node:os";
import type { Llama, LlamaContext, LlamaModel } from "node-llama-cpp";
import {
  type Engine,
  EngineError,
  type EngineEstimate,
  type EngineOptions,
  type GenerateRequest,
  type ModelFacts,
} from "../engine.ts";
import { type GgufHeader, readGgufHeader } from "./gguf-header.ts";
import { adaptJsonSchema } from "./json-schema.ts";
import { explainLoadFailure } from "./load-failure.ts";
import { chooseStepLimits, readModelFacts } from "./model-facts.ts";
import { type OpenModel, SlotEngine } from "./slot-engine.ts";
import type { StepObserver } from "./step-scheduler.ts";
import { ThreadTuner } from "./thread-tuner.ts";

type Library = typeof import("node-llama-cpp");

interface WarmEngine {
  readonly library: Library;
  readonly llama: Llama;
  /** The last warnings and errors of llama.cpp: why a model would not load. */
  readonly logLines: string[];
}

const logLinesMax = 20;
const plainAttentionBytesMax = 64 * 1024 * 1024;
const megabyte = 1024 * 1024;
const gpuByBackend = new Map<string, "cuda" | "metal" | "vulkan" | false>([
  ["cpu", false],
  ["cuda", "cuda"],
  ["metal", "metal"],
  ["vulkan", "vulkan"],
]);
const deviceVariables: ReadonlyMap<string, string> = new Map([
  ["cuda", "CUDA_VISIBLE_DEVICES"],
  ["vulkan", "GGML_VK_VISIBLE_DEVICES"],
]);
const warmEngines = new Map<string, Promise<WarmEngine>>();

/**
 * Starts the slow part of a start: importing the library and testing its binary in a child take
 * about half a second and need no model. Call it first thing; `openEngine` waits for the same one.
 */
export async function warmEngine(backend: string, device = 0): Promise<void> {
  await findWarmEngine(backend, device);
}

export async function openEngine(options: EngineOptions): Promise<Engine> {
  const warming = findWarmEngine(options.backend, options.device);
  // Reading the header meanwhile; should it fail, nobody waits for the other.
  warming.catch(() => undefined);
  const header = readGgufHeader(options.modelPath);
  const warm = await warming;
  options.signal.throwIfAborted();
  warm.logLines.length = 0;
  const model = await loadModel(warm, header, options);
  try {
    const facts = readModelFacts(model, options.contextSize);
    const context = await createContext(model, facts, options);
    return new SlotEngine(describeOpenModel(warm, { model, context, facts }));
  } catch (cause) {
    await model.dispose();
    options.signal.throwIfAborted();
    throw explainLoadFailure(cause, warm.logLines);
  }
}

/** Memory for weights and context by the library's own arithmetic; nothing is loaded. */
export async function estimateEngineMemory(
  options: Pick<EngineOptions, "modelPath" | "backend" | "device" | "slots" | "contextSize">,
): Promise<EngineEstimate> {
  readGgufHeader(options.modelPath);
  const { library, llama } = await findWarmEngine(options.backend, options.device);
  const fileInfo = await library.readGgufFileInfo(options.modelPath, { sourceType: "filesystem" });
  const insights = await library.GgufInsights.from(fileInfo, llama);
  const gpuLayers = llama.gpu === false ? 0 : insights.totalLayers;
  const contextSize = Math.min(options.contextSize, insights.trainContextSize ?? Infinity);
  const weights = await insights.estimateModelResourceRequirementsV2({ gpuLayers });
  const context = await insights.estimateContextResourceRequirementsV2({
    contextSize,
    modelGpuLayers: gpuLayers,
    batchSize: chooseStepLimits(insights.totalParameters, llama.gpu !== false).batchTokensMax,
    sequences: options.slots,
    flashAttention: "auto",
  });
  const memoryBytes = weights.cpuRam + weights.gpuVram + context.cpuRam + context.gpuVram;
  return { memoryBytes };
}

function findWarmEngine(backend: string, device: number): Promise<WarmEngine> {
  const key = `${backend}:${device}`;
  const known = warmEngines.get(key);
  if (known) return known;
  const warming = startWarmEngine(backend, device);
  warmEngines.set(key, warming);
  warming.catch(() => warmEngines.delete(key));
  return warming;
}

async function startWarmEngine(backend: string, device: number): Promise<WarmEngine> {
  const gpu = gpuByBackend.get(backend);
  if (gpu === undefined) {
    throw new EngineError("backend-unavailable", `llama.cpp has no backend "${backend}" here.`);
  }
  const variable = deviceVariables.get(backend);
  if (variable !== undefined) process.env[variable] ??= String(device);
  const library = await import("node-llama-cpp");
  const logLines: string[] = [];
  try {
    const llama = await library.getLlama({
      gpu,
      build: "never",
      skipDownload: true,
      progressLogs: false,
      logLevel: library.LlamaLogLevel.warn,
      logger: (_level, line) => {
        logLines.push(line);
        if (logLines.length > logLinesMax) logLines.shift();
      },
      // No common limit: contexts ask for all cores, and steps lower that where it pays.
      maxThreads: 0,
    });
    return { library, llama, logLines };
  } catch (cause) {
    const message = `The llama.cpp package for "${backend}" is missing or does not run here.`;
    throw new EngineError("backend-unavailable", message, { cause });
  }
}

async function loadModel(
  { llama, logLines }: WarmEngine,
  header: GgufHeader,
  options: EngineOptions,
): Promise<LlamaModel> {
  const report = createProgressReport(header, options);
  report(0);
  try {
    const model = await llama.loadModel({
      modelPath: options.modelPath,
      loadSignal: options.signal,
      onLoadProgress: report,
    });
    report(1);
    return model;
  } catch (cause) {
    options.signal.throwIfAborted();
    throw explainLoadFailure(cause, logLines);
  }
}

function createProgressReport(
  { values, endOffset }: GgufHeader,
  { onProgress }: EngineOptions,
): (fraction: number) => void {
  const architecture = String(values.get("general.architecture") ?? "");
  const layersTotal = Number(values.get(`${architecture}.block_count`) ?? 0) + 1;
  let highest = -1;
  return (fraction) => {
    if (fraction <= highest) return;
    highest = fraction;
    onProgress({
      layersLoaded: Math.floor(fraction * layersTotal),
      layersTotal,
      loadedMb: Math.round((fraction * (endOffset ?? 0) * 10) / megabyte) / 10,
    });
  };
}

async function createContext(
  model: LlamaModel,
  facts: ModelFacts,
  options: EngineOptions,
): Promise<LlamaContext> {
  const limits = chooseStepLimits(model.fileInsights.totalParameters, model.gpuLayers > 0);
  return await model.createContext({
    sequences: options.slots,
    contextSize: facts.contextSize,
    batchSize: limits.batchTokensMax,
    threads: countThreads(model),
    flashAttention: usesFlashAttention(model, facts) ? "auto" : false,
    failedCreationRemedy: false,
    createSignal: options.signal,
  });
}

function describeOpenModel(
  warm: WarmEngine,
  { model, context, facts }: Pick<OpenModel, "model" | "context" | "facts">,
): OpenModel {
  return {
    model,
    context,
    facts,
    limits: chooseStepLimits(model.fileInsights.totalParameters, model.gpuLayers > 0),
    stepObserver: context.flashAttention === false ? createThreadObserver(model) : undefined,
    chatTemplate: model.fileInfo.metadata.tokenizer?.chat_template,
    openEmbeddings: () =>
      model.createEmbeddingContext({
        contextSize: facts.contextSize,
        // The mean needs the whole text in one batch.
        batchSize: facts.contextSize,
        threads: countThreads(model),
      }),
    openGrammar: (request) => openGrammar(warm, model, request),
  };
}

async function openGrammar(
  { library, llama }: WarmEngine,
  model: LlamaModel,
  request: GenerateRequest,
): ReturnType<OpenModel["openGrammar"]> {
  if (request.grammar === undefined && request.jsonSchema === undefined) return undefined;
  const text = request.grammar ?? (await buildSchemaGrammar(llama, request.jsonSchema));
  try {
    const grammar = await llama.createGrammar({ grammar: text });
    return new library.LlamaGrammarEvaluationState({ model, grammar });
  } catch (cause) {
    throw new EngineError("invalid-request", "The grammar cannot be read.", { cause });
  }
}

async function buildSchemaGrammar(llama: Llama, jsonSchema: unknown): Promise<string> {
  const schema = adaptJsonSchema(jsonSchema);
  const { grammar } = await llama.createGrammarForJsonSchema(schema as never);
  // The library lets line breaks follow the value and ends on them; here the end token ends it.
  return grammar.replace(String.raw` "\n\n\n\n" [\n]*`, "");
}

function countThreads(model: LlamaModel): number {
  return Math.max(1, Math.min(availableParallelism(), model.llama.cpuMathCores));
}

// Without it small models decode faster on a processor, and results do not depend on the number
// of threads; with it a long context needs far less memory.
function usesFlashAttention(model: LlamaModel, facts: ModelFacts): boolean {
  if (model.gpuLayers > 0) return true;
  const { batchTokensMax } = chooseStepLimits(model.fileInsights.totalParameters, false);
  const heads = Number(model.fileInfo.architectureMetadata.attention?.head_count ?? 0);
  const scoreBytes = 4 * heads * facts.contextSize * batchTokensMax;
  return scoreBytes > plainAttentionBytesMax;
}

function createThreadObserver(model: LlamaModel): StepObserver {
  const tuner = new ThreadTuner(countThreads(model));
  const { llama } = model;
  let threads = 0;
  return {
    begin: (tokens) => {
      threads = tuner.chooseThreads(tokens);
      llama.maxThreads = threads;
    },
    end: (tokens, stepMs) => tuner.record(tokens, threads, stepMs),
  };
}
