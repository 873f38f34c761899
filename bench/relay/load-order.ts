/** What one run of the load generator is to do. */
export interface LoadOrder {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
  readonly streams: number;
  /** From the first token of the last stream until measuring begins. */
  readonly settleMs: number;
  readonly windowMs: number;
  /** Processes whose CPU time in the window is measured: the relay and the worker. */
  readonly watchedPids: readonly number[];
  /** Tokens are send times; the way of each is measured. */
  readonly readsStamps: boolean;
}

export interface LoadResult {
  readonly windowMs: number;
  readonly tokensInWindow: number;
  /** In the order of `watchedPids`, then of the load generator itself. */
  readonly cpuMs: readonly number[];
  /** From the worker's send to the client's read, in milliseconds; empty without stamps. */
  readonly latenciesMs: readonly number[];
  /** Resident memory in the order of `watchedPids`: before any stream, and while all are open. */
  readonly memoryBytes: { readonly before: readonly number[]; readonly open: readonly number[] };
  /** Streams that came to their `[DONE]` with all tokens. */
  readonly streamsWhole: number;
}
