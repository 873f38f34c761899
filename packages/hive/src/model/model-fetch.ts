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

type NarratedLine = Parameters<Narrate>[0];
type Told = { readonly line: NarratedLine } | { readonly progress: ProgressEvent };

/**
 * A model on its way into the catalogue, shared by all who ask for it. It goes on while anybody
 * waits; once it is kept also while nobody does, until somebody comes to watch.
 */
export class ModelFetch<Result = CatalogueModel> {
  readonly id = randomUUID();
  readonly outcome: Promise<Result>;
  readonly #control = new AbortController();
  readonly #listeners = new Set<FetchListener>();
  readonly #background: Narrate;
  /** What was told before anybody listened; undefined once somebody did. */
  #untold: Told[] | undefined = [];
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

  /** From now on it goes on even if nobody waits. */
  keep(): void {
    this.#isKept = true;
  }

  /** From now on it ends with the last who waits. */
  release(): void {
    this.#isKept = false;
  }

  /**
   * Tells the first listener what happened so far and others the current state, then all of them
   * what happens; call what it returns to stop listening.
   */
  listen(listener: FetchListener): () => void {
    this.#listeners.add(listener);
    this.#catchUp(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0 && !this.#isKept) {
        this.#control.abort(new RbeeError("REQUEST_CANCELED", {}));
      }
    };
  }

  #catchUp(listener: FetchListener): void {
    const untold = this.#untold;
    this.#untold = undefined;
    for (const told of untold ?? []) {
      if ("line" in told) listener.narrate(told.line);
      else if (told.progress !== this.#latest) listener.onProgress(told.progress);
    }
    if (this.#latest !== undefined) listener.onProgress(this.#latest);
  }

  #narrate(line: NarratedLine): void {
    if (this.#listeners.size === 0) this.#background(line);
    this.#untold?.push({ line });
    for (const listener of this.#listeners) listener.narrate(line);
  }

  #report(progress: ProgressEvent): void {
    // Of a bar that nobody saw only where it stands now is of interest.
    const isMove = progress.stage === "downloading" && this.#latest?.stage === "downloading";
    const last = this.#untold?.at(-1);
    if (isMove && last !== undefined && "progress" in last) this.#untold?.pop();
    this.#latest = progress;
    this.#untold?.push({ progress });
    for (const listener of this.#listeners) listener.onProgress(progress);
  }
}
