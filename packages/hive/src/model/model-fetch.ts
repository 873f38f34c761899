import { randomUUID } from "node:crypto";
import { RbeeError } from "@rbee/contract";
import type { ProgressEvent } from "@rbee/contract";
import type { Narrate } from "@rbee/daemon";
import type { CatalogueModel } from "../domain/catalogue-model.ts";
import type { FetchOptions } from "./model-provider.ts";

/** Somebody who waits for a model. */
export interface FetchListener {
  readonly narrate: Narrate;
  readonly onProgress: (progress: ProgressEvent) => void;
}

/**
 * A model on its way into the catalogue, shared by all who ask for it. It goes on while anybody
 * waits, and to its end once it is kept.
 */
export class ModelFetch<Result = CatalogueModel> {
  readonly id = randomUUID();
  readonly outcome: Promise<Result>;
  readonly #control = new AbortController();
  readonly #listeners = new Set<FetchListener>();
  readonly #background: Narrate;
  #latest: ProgressEvent | undefined;
  #isKept = false;

  /** `background` hears what is told while nobody listens. */
  constructor(work: (options: FetchOptions) => Promise<Result>, background: Narrate) {
    this.#background = background;
    // One turn later, so that whoever begins a fetch hears its first words.
    this.outcome = Promise.resolve().then(() =>
      work({
        narrate: (line) => this.#narrate(line),
        onProgress: (progress) => this.#report(progress),
        signal: this.#control.signal,
      }),
    );
    // It may fail when nobody waits any more.
    this.outcome.catch(() => {});
  }

  /** True once it was given up: it must not be joined any more. */
  get isAbandoned(): boolean {
    return this.#control.signal.aborted;
  }

  /** From now on it goes to its end even if nobody waits. */
  keep(): void {
    this.#isKept = true;
  }

  /** Tells the current state at once, then what happens; call what it returns to stop listening. */
  listen(listener: FetchListener): () => void {
    this.#listeners.add(listener);
    if (this.#latest !== undefined) listener.onProgress(this.#latest);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0 && !this.#isKept) {
        this.#control.abort(new RbeeError("REQUEST_CANCELED", {}));
      }
    };
  }

  #narrate(line: Parameters<Narrate>[0]): void {
    if (this.#listeners.size === 0) this.#background(line);
    for (const listener of this.#listeners) listener.narrate(line);
  }

  #report(progress: ProgressEvent): void {
    this.#latest = progress;
    for (const listener of this.#listeners) listener.onProgress(progress);
  }
}
