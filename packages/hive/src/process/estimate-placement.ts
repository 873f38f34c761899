import { placementLimits, RbeeError } from "@rbee/contract";
import type { CatalogueModel } from "../domain/catalogue-model.ts";
import type { Fit, FitFacts, FitPlace } from "../domain/fit.ts";
import { fitModel, listFitPlaces } from "../domain/fit-model.ts";
import { findMeasured } from "../domain/required-bytes.ts";
import { withoutWorkers } from "../domain/without-workers.ts";
import type { FitAnswer, FitQuestion, ModelSurvey } from "../placement-ports.ts";
import type { PoolWorld } from "./pool-world.ts";
import { readFitFacts } from "./read-fit-facts.ts";
import type { WorkerRegistry } from "./worker-registry.ts";

interface Pool {
  readonly world: PoolWorld;
  readonly registry: WorkerRegistry;
}

/** Asks what a spawn would ask, of the same facts, and starts nothing. */
export async function estimatePlacement(
  question: FitQuestion,
  pool: Pool,
  signal: AbortSignal,
): Promise<FitAnswer> {
  const { world } = pool;
  const { reference, sizeBytes, lookUp } = question;
  const limit = AbortSignal.timeout(placementLimits.lookUpTimeoutMs);
  try {
    const options = { sizeBytes, lookUp, signal: AbortSignal.any([signal, limit]) };
    const survey = await world.provisioner.survey(reference, options);
    return await judge(question, survey, { ...pool, signal });
  } catch (error) {
    // A hub that cannot be asked says nothing about the model.
    if (limit.aborted || isHubFailure(error)) return nothingKnown;
    if (!RbeeError.is(error)) throw error;
    const size = sizeBytes ?? null;
    return { ...nothingKnown, sizeBytes: size, sizeFrom: size === null ? null : "asker", error };
  }
}

function isHubFailure(error: unknown): boolean {
  return RbeeError.is(error, "DOWNLOAD_FAILED") || RbeeError.is(error, "DOWNLOAD_TIMEOUT");
}

const nothingKnown = {
  places: [],
  isOnDisk: false,
  sizeBytes: null,
  sizeFrom: null,
  isMeasured: false,
} as const;

async function judge(
  question: FitQuestion,
  survey: ModelSurvey,
  { world, registry, signal }: Pool & { readonly signal: AbortSignal },
): Promise<FitAnswer> {
  const model = survey.isHere ? survey.model : imagineModel(question, survey.size?.bytes);
  if (model === undefined) return nothingKnown;
  const read = await readFitFacts({ world, registry, model }, signal);
  const facts = withoutWorkers(read, new Set(question.without));
  const fit = fitModel(facts, question);
  const places = listFitPlaces(facts, question);
  return {
    fit,
    places,
    isOnDisk: survey.isHere,
    sizeBytes: model.sizeBytes,
    sizeFrom: survey.isHere ? "catalogue" : (survey.size?.from ?? null),
    isMeasured: isMeasured(fit, places, facts),
  };
}

// Of a refusal for want of memory, whether what is told to be needed was measured.
function isMeasured(fit: Fit, places: readonly FitPlace[], { measured = [] }: FitFacts): boolean {
  if (fit.fits) return findMeasured(measured, fit) !== undefined;
  if (fit.code !== "INSUFFICIENT_RAM" && fit.code !== "VRAM_EXHAUSTED") return false;
  const { device: told } = fit.details;
  return places.some((place) => place.isMeasured && `${place.backend}:${place.device}` === told);
}

// Of a model that is elsewhere nothing is known but its size: the rule of thumb has to do.
function imagineModel(
  { reference }: FitQuestion,
  sizeBytes: number | undefined,
): CatalogueModel | undefined {
  if (sizeBytes === undefined) return undefined;
  return {
    id: "",
    provider: reference.provider,
    reference: reference.text,
    variant: null,
    digest: null,
    localPath: "",
    sizeBytes,
    architecture: null,
    quantization: null,
    parameters: null,
    contextLength: null,
    vocabularySize: null,
    eosTokenId: null,
    hasChatTemplate: false,
    shape: null,
    downloadedAtUnix: 0,
    lastUsedUnix: null,
    useCount: 0,
  };
}
