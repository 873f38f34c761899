// The one file that knows node-llama-cpp as more than types.
import { getCompileCacheDir } from "node:module";
import { availableParallelism } from "node:os";
import type * as LibraryModule from "node-llama-cpp";
import type { Llama, LlamaContext, LlamaModel, TokenBias } from "node-llama-cpp";
import {
  type Engine,
  EngineError,
  type EngineEstimate,
  type EngineOptions,
  type GenerateRequest,
  type ModelFacts,
} from "../engine.ts";
import { buildSchemaGrammar } from "../grammar/build-schema-grammar.ts";
import { findGrammarDanger } from "../grammar/find-grammar-danger.ts";
import { type GgufHeader, readGgufHeader } from "./gguf-header.ts";
import { explainLoadFailure } from "./load-failure.ts";
import { batchTokensMax, chooseStepLimits, readModelFacts } from "./model-facts.ts";
import { openThreadObserver } from "./open-thread-observer.ts";
import { type OpenModel, SlotEngine } from "./slot-engine.ts";
import type { StepObserver } from "./step-scheduler.ts";

type Library = typeof LibraryModule;

interface WarmEngine {
  readonly library: Library;
  readonly llama: Llama;
  /** The last warnings and errors of llama.cpp: why a model would not load. */
  readonly logLines: string[];
}

const logLinesMax = 20;
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
    return new SlotEngine(await describeOpenModel(warm, { ...options, context, facts }));
  } catch (cause) {
    await model.dispose();
    options.signal.throwIfAborted();
    throw explainLoadFailure(cause, { ...options, logLines: warm.logLines });
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
    batchSize: batchTokensMax,
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
  // The hive counts GPUs as nvidia-smi does, by their place on the bus, not by their speed.
  if (backend === "cuda") process.env["CUDA_DEVICE_ORDER"] ??= "PCI_BUS_ID";
  // The library tests its binary in a child that imports the library again: let it use the same
  // cache of compiled code, where there is one (a fifth of the time).
  const cacheFolder = getCompileCacheDir();
  if (cacheFolder !== undefined) process.env["NODE_COMPILE_CACHE"] ??= cacheFolder;
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
    throw explainLoadFailure(cause, { ...options, logLines });
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
  // Another engine of this process may have lowered the limit; a context keeps to what it finds.
  model.llama.maxThreads = 0;
  return await model.createContext({
    sequences: options.slots,
    contextSize: facts.contextSize,
    batchSize: batchTokensMax,
    threads: options.threads ?? countThreads(model),
    flashAttention: "auto",
    failedCreationRemedy: false,
    createSignal: options.signal,
  });
}

async function describeOpenModel(
  warm: WarmEngine,
  { context, facts, threads, onStep }: EngineOptions & Pick<OpenModel, "context" | "facts">,
): Promise<OpenModel> {
  const { model } = context;
  const usesGpu = model.gpuLayers > 0;
  const cores = threads ?? countThreads(model);
  // A given number of threads is kept to, and on a GPU they do not matter.
  const isTuned = threads === undefined && !usesGpu;
  const vectorOptions = {
    // The library leaves the last place of such a context free.
    contextSize: facts.contextSize + 1,
    // The mean needs the whole text in one batch.
    batchSize: facts.contextSize + 1,
    threads: cores,
  };
  return {
    model,
    context,
    facts,
    limits: chooseStepLimits(model.fileInsights.totalParameters, usesGpu ? undefined : cores),
    stepObserver: joinObservers(
      isTuned ? await openThreadObserver(context, cores) : undefined,
      onStep,
    ),
    chatTemplate: model.fileInfo.metadata.tokenizer?.chat_template,
    hasBytePairs: model.vocabularyType === warm.library.LlamaVocabularyType.bpe,
    openEmbeddings: () => model.createEmbeddingContext(vectorOptions),
    openRanking: () => model.createRankingContext(vectorOptions),
    openGrammar: (request) => openGrammar(warm, model, request),
    openTokenBias: (biases) => openTokenBias(warm, model, biases),
  };
}

function joinObservers(
  tuner: StepObserver | undefined,
  onStep: EngineOptions["onStep"],
): StepObserver | undefined {
  if (onStep === undefined) return tuner;
  return {
    begin: (tokens) => tuner?.begin(tokens),
    end(tokens, stepMs) {
      tuner?.end(tokens, stepMs);
      onStep(tokens, stepMs);
    },
  };
}

async function openGrammar(
  { library, llama }: WarmEngine,
  model: LlamaModel,
  request: GenerateRequest,
): ReturnType<OpenModel["openGrammar"]> {
  if (request.grammar === undefined && request.jsonSchema === undefined) return undefined;
  const text = request.grammar ?? requireSchemaGrammar(request.jsonSchema);
  const danger = findGrammarDanger(text);
  if (danger !== undefined) throw new EngineError("invalid-request", danger);
  try {
    const grammar = await llama.createGrammar({ grammar: text });
    return new library.LlamaGrammarEvaluationState({ model, grammar });
  } catch (cause) {
    throw new EngineError("invalid-request", "The grammar cannot be read.", { cause });
  }
}

// The library takes no bias for tokens that end a text; a client that forbids the end means it, so
// those go where the others are kept.
function openTokenBias(
  { library }: WarmEngine,
  model: LlamaModel,
  biases: ReadonlyMap<number, number>,
): TokenBias {
  const bias = library.TokenBias.for(model);
  const { _biases: kept } = bias as unknown as { readonly _biases: Map<number, number> };
  for (const [token, logit] of biases) kept.set(token, logit);
  return bias;
}

function requireSchemaGrammar(jsonSchema: unknown): string {
  const built = buildSchemaGrammar(jsonSchema);
  if (built.isPossible) return built.grammar;
  throw new EngineError("invalid-request", built.refusals.join("; "));
}

function countThreads(model: LlamaModel): number {
  return Math.max(1, Math.min(availableParallelism(), model.llama.cpuMathCores));
}
