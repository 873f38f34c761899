/** Watches growing text for the first of several stop sequences, also across pieces. */
export class StopWatcher {
  readonly #stops: readonly string[];
  #held = "";
  #hasStopped = false;

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== "");
  }

  get hasStopped(): boolean {
    return this.#hasStopped;
  }

  /** The text that may be shown: all but an ending that could become a stop sequence. */
  push(text: string): string {
    if (this.#stops.length === 0 || this.#hasStopped) return this.#hasStopped ? "" : text;
    const seen = this.#held + text;
    const stopIndex = findFirst(seen, this.#stops);
    if (stopIndex !== undefined) {
      this.#hasStopped = true;
      this.#held = "";
      return seen.slice(0, stopIndex);
    }
    const heldLength = findHeldLength(seen, this.#stops);
    this.#held = seen.slice(seen.length - heldLength);
    return seen.slice(0, seen.length - heldLength);
  }

  /** What was held back, when generation ends without a stop sequence. */
  flush(): string {
    const held = this.#held;
    this.#held = "";
    return held;
  }
}

function findFirst(text: string, stops: readonly string[]): number | undefined {
  let first: number | undefined;
  for (const stop of stops) {
    const index = text.indexOf(stop);
    if (index >= 0 && (first === undefined || index < first)) first = index;
  }
  return first;
}

// Length of the longest ending of the text that begins one of the stop sequences.
function findHeldLength(text: string, stops: readonly string[]): number {
  let longest = 0;
  for (const stop of stops) {
    for (let length = Math.min(stop.length - 1, text.length); length > longest; length -= 1) {
      if (text.endsWith(stop.slice(0, length))) longest = length;
    }
  }
  return longest;
}
