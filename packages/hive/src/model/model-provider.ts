import type { ModelReference, ProgressEvent } from "@rbee/contract";
import type { Narrate } from "@rbee/daemon";
import type { CatalogueModel } from "../domain/catalogue-model.ts";

export type ProviderName = ModelReference["provider"];
type ReferenceOf<Name extends ProviderName> = Extract<ModelReference, { provider: Name }>;

export interface FetchOptions {
  readonly narrate: Narrate;
  readonly onProgress: (progress: ProgressEvent) => void;
  readonly signal: AbortSignal;
}

/** A model's file, here now. */
export interface FetchedModel {
  readonly path: string;
  /** Which of several files of the reference it is, such as its quantisation. */
  readonly variant: string | null;
  /** SHA-256 of the file in hex digits, where it is known. */
  readonly digest: string | null;
}

/** Where models of one kind of reference come from. */
export interface ModelProvider<Name extends ProviderName = ProviderName> {
  /** True when bytes must come over the network before the model can be used. */
  needsDownload(reference: ReferenceOf<Name>): Promise<boolean>;
  /** Throws MODEL_NOT_FOUND and what else can go wrong on the way. */
  fetch(reference: ReferenceOf<Name>, options: FetchOptions): Promise<FetchedModel>;
  /** Bytes that a download would bring, as its source says. Absent: there is no such source. */
  findSize?(reference: ReferenceOf<Name>, signal: AbortSignal): Promise<number>;
  /** Throws INSUFFICIENT_DISK when so many bytes have no room. Absent: none are ever brought. */
  requireRoom?(bytes: number): Promise<void>;
  /** Where the file must be, when the reference alone says it; else the catalogue knows. */
  localPath?(reference: ReferenceOf<Name>): string | undefined;
  /** What lies on this machine now, for a catalogue that has to be made anew. */
  listPresent(): Promise<readonly ReferenceOf<Name>[]>;
  /**
   * Deletes a model's files and returns the bytes; files that another row shares stay. Absent: they
   * are not rbee's to delete.
   */
  deleteFiles?(model: CatalogueModel, isShared: boolean): Promise<number>;
  /** Deletes what was fetched and turned out to be no model. Absent: as above. */
  discard?(path: string): Promise<void>;
}

/** The registry of providers, by the kind of reference. */
export type ModelProviders = {
  readonly [Name in ProviderName]: ModelProvider<Name>;
};

export function providerOf(providers: ModelProviders, reference: ModelReference): ModelProvider {
  return providers[reference.provider] as ModelProvider;
}
