import { RbeeError } from "@rbee/contract";
import type { ModelReference, ProgressEvent } from "@rbee/contract";
import type { Narrate } from "@rbee/daemon";
import type { HubAccess } from "@rbee/settings";
import { chooseHubModel } from "../../domain/choose-hub-model.ts";
import type { HubModel } from "../../domain/choose-hub-model.ts";
import { StallError } from "./describe-cause.ts";
import type { HubRequester } from "./hub-request.ts";
import { listHubFiles } from "./list-hub-files.ts";
import type { HubRepository } from "./list-hub-files.ts";
import { tellBreak } from "./tell-break.ts";
import { withAttempts } from "./with-attempts.ts";

export type HubReference = Extract<ModelReference, { provider: "hf" }>;

export interface LookUp {
  readonly reference: HubReference;
  readonly access: HubAccess;
  readonly requester: HubRequester;
  readonly node: string;
  readonly stallMs: number;
  readonly narrate: Narrate;
  readonly onProgress: (event: ProgressEvent) => void;
  readonly signal: AbortSignal;
}

export interface FoundModel {
  readonly commit: string;
  readonly chosen: HubModel;
}

const candidatesMax = 10;

/**
 * Asks the hub what a repository holds and chooses the model that the reference means. Throws
 * MODEL_NOT_FOUND with what is there instead, and what the last attempt failed with.
 */
export async function lookUpModel(lookUp: LookUp): Promise<FoundModel> {
  const { reference, node, signal, narrate } = lookUp;
  const { host } = new URL(lookUp.access.endpoint);
  const human = `asking ${host} for ${reference.repository}`;
  narrate({ action: "hub-lookup", human, cute: `🔎 ${human}`, model_ref: reference.text });
  const { commit, files } = await withAttempts(() => listInTime(lookUp), {
    signal,
    onBreak: (error, attempt, delayMs) =>
      tellBreak(lookUp, { what: `no answer from ${host}`, error, attempt, delayMs }),
  });
  const choice = chooseHubModel(files, reference);
  if (choice.isFound) return { commit, chosen: choice.model };
  const candidates = choice.candidates.slice(0, candidatesMax);
  throw new RbeeError("MODEL_NOT_FOUND", {
    model: reference.text,
    candidates,
    node,
    ...(candidates.length > 0 ? {} : { reason: `${reference.repository} has no GGUF file.` }),
  });
}

async function listInTime(lookUp: LookUp): Promise<HubRepository> {
  const { access, requester, reference, stallMs } = lookUp;
  const limit = AbortSignal.timeout(stallMs);
  try {
    return await listHubFiles({
      endpoint: access.endpoint,
      repository: reference.repository,
      requester,
      signal: AbortSignal.any([lookUp.signal, limit]),
    });
  } catch (error) {
    if (limit.aborted) throw new StallError(stallMs / 1000);
    throw error;
  }
}
