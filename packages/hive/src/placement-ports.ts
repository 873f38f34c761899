import type { BackendName, RbeeError } from "@rbee/contract";
import type { CatalogueModel } from "./domain/catalogue-model.ts";
import type { Fit, FitPlace } from "./domain/fit.ts";
import type { SpawnRequest } from "./domain/spawn-request.ts";

/** What a worker holds, seen once. */
export interface Measurement {
  readonly model: Pick<CatalogueModel, "id" | "sizeBytes">;
  readonly backend: BackendName;
  readonly slots: number;
  readonly context: number;
  readonly bytes: number;
  /** What is seen for the first time of this worker: that it is loaded, that it was used. */
  readonly isNewLoad: boolean;
  readonly isNewUse: boolean;
  readonly atUnix: number;
}

export interface SurveyOptions {
  /** What somebody else knows of its size. */
  readonly sizeBytes?: number | undefined;
  /** Ask the hub when nobody knows it. */
  readonly lookUp: boolean;
  readonly signal: AbortSignal;
}

export type ModelSurvey =
  | { readonly isHere: true; readonly model: CatalogueModel }
  | {
      readonly isHere: false;
      readonly size?: { readonly bytes: number; readonly from: "asker" | "hub" };
    };

export interface FitQuestion extends SpawnRequest {
  /** What the asker knows of the model's size. */
  readonly sizeBytes?: number | undefined;
  readonly lookUp: boolean;
  /** Judge as if these workers were gone. */
  readonly without: readonly string[];
}

export interface FitAnswer {
  /** Undefined: nobody knows how large the model is. */
  readonly fit?: Fit;
  readonly places: readonly FitPlace[];
  readonly isOnDisk: boolean;
  readonly sizeBytes: number | null;
  readonly sizeFrom: "catalogue" | "asker" | "hub" | null;
  readonly isMeasured: boolean;
  /** What stands against the model itself: it is not to be found, or has no room on the disk. */
  readonly error?: RbeeError;
}
