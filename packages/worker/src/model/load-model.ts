import { statSync } from "node:fs";
import { availableMemory } from "node:process";
import { RbeeError } from "@rbee/contract";
import type { LayerProgress } from "../domain/loading-state.ts";
import type { Engine, EngineEstimate, EngineOptions } from "../engine.ts";
import type { LoadedModel } from "../ports.ts";
import { loadFailure } from "./load-failure.ts";
import { readSamplingSidecar } from "./sampling-sidecar.ts";

/** The engine as this worker uses it: `engine/llama-engine.ts`, brought in while HTTP starts. */
export interface EngineMaker {
  openEngine(options: EngineOptions): Promise<Engine>;
  estimateEngineMemory(
    options: Pick<EngineOptions, "modelPath" | "backend" | "device" | "slots" | "contextSize">,
  ): Promise<EngineEstimate>;
}

export interface ModelPlan {
  readonly modelPath: string;
  readonly modelReference: string;
  readonly backend: string;
  readonly device: number;
  readonly slots: number;
  readonly contextSize: number;
  readonly threads: number | undefined;
}

interface LoadInput {
  readonly plan: ModelPlan;
  readonly engine: Promise<EngineMaker>;
  readonly onProgress: (progress: LayerProgress) => void;
  readonly onStep?: EngineOptions["onStep"];
  readonly signal: AbortSignal;
}

/** Brings the model into memory. Throws what `/v1/loading/progress` may end with. */
export async function loadModel(input: LoadInput): Promise<LoadedModel> {
  const { plan, signal, onProgress, onStep } = input;
  requireFile(plan);
  const sidecar = readSamplingSidecar(plan.modelPath, plan.modelReference);
  const maker = await input.engine;
  const { modelReference: _reference, threads, ...options } = plan;
  try {
    const engine = await maker.openEngine({
      ...options,
      ...(threads === undefined ? {} : { threads }),
      onProgress,
      onStep,
      signal,
    });
    return { engine, sampling: [sidecar, engine.facts.samplingDefaults] };
  } catch (error) {
    signal.throwIfAborted();
    throw loadFailure(error, {
      modelReference: plan.modelReference,
      backend: plan.backend,
      requiredBytes: await estimate(maker, plan),
      availableBytes: availableMemory(),
    });
  }
}

function requireFile({ modelPath, modelReference: model }: ModelPlan): void {
  const status = statSync(modelPath, { throwIfNoEntry: false });
  if (status?.isFile() === true) return;
  const reason = status === undefined ? "there is no such file" : "it is not a file";
  throw new RbeeError("INVALID_MODEL_FILE", { model, reason });
}

// Only for the figure in the error: when the engine cannot say, the error stays what it is.
async function estimate(maker: EngineMaker, plan: ModelPlan): Promise<number | undefined> {
  try {
    return (await maker.estimateEngineMemory(plan)).memoryBytes;
  } catch {
    return undefined;
  }
}
