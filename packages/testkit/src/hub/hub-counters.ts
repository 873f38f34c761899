import type { HubRequestKind } from "./hub-faults.ts";

/** One request as it was served. */
export interface HubServed {
  readonly kind: HubRequestKind;
  readonly method: string;
  readonly repository: string;
  readonly file: string | null;
  readonly status: number;
  /** First byte that was asked for and the last, both included; null without `Range`. */
  readonly range: readonly [number, number] | null;
  readonly ifRange: string | null;
  /** True when the request carried a token. */
  readonly hasToken: boolean;
}

/** What the hub and its CDN were asked and what they sent. */
export class HubCounters {
  #served: HubServed[] = [];
  #bytesSent = 0;

  note(served: HubServed): void {
    this.#served.push(served);
  }

  noteBytes(count: number): void {
    this.#bytesSent += count;
  }

  served(kind?: HubRequestKind): readonly HubServed[] {
    return this.#served.filter((one) => kind === undefined || one.kind === kind);
  }

  /** Ranges of content in the order in which they were served. */
  ranges(file?: string): readonly (readonly [number, number])[] {
    return this.served("content")
      .filter((one) => one.status === 206 && (file === undefined || one.file === file))
      .flatMap(({ range }) => (range === null ? [] : [range]));
  }

  /** Bytes of content that were handed to connections. */
  get bytesSent(): number {
    return this.#bytesSent;
  }

  clear(): void {
    this.#served = [];
    this.#bytesSent = 0;
  }
}
