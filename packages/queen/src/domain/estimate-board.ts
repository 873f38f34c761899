import { findLackMb, findShortBytes } from "./estimate-figures.ts";
import type { EstimatedNode, KeyEstimates, NodeEstimate } from "./placement-facts.ts";

interface Dated {
  readonly estimate: NodeEstimate;
  readonly atMs: number;
}

/**
 * What hives said of requests, by the request's key and then by node, for a while. Moments never go
 * back.
 */
export function createEstimateBoard(keptMs: number) {
  // The one that was written to longest ago first.
  const boards = new Map<string, KeyBoard>();
  const forgetOld = (nowMs: number) => {
    for (const [key, board] of boards) {
      board.forgetBefore(nowMs - keptMs);
      if (board.size > 0) return;
      boards.delete(key);
    }
  };
  const changes: number[] = [];
  return {
    /**
     * Changes whenever a node has to be asked anew. Who reads it before asking a hive, and finds
     * another one with the answer, has been told of what is no more.
     */
    changeOf: ({ ordinal }: EstimatedNode): number => changes[ordinal] ?? 0,
    note(about: { readonly node: EstimatedNode; readonly key: string }, dated: Dated): void {
      const { node, key } = about;
      const board = boards.get(key) ?? new KeyBoard();
      boards.delete(key);
      forgetOld(dated.atMs);
      boards.set(key, board);
      board.note(node, dated);
    },
    /** It has to be asked anew about everything. */
    forgetNode(node: EstimatedNode): void {
      changes[node.ordinal] = (changes[node.ordinal] ?? 0) + 1;
      for (const board of boards.values()) board.forget(node.ordinal);
    },
    estimatesOf(key: string, nowMs: number): KeyEstimates {
      const board = boards.get(key);
      if (board === undefined) return nothingKnown;
      board.forgetBefore(nowMs - keptMs);
      return board;
    },
    /** Of how many keys something is remembered. */
    size: (): number => boards.size,
  };
}

const nothingKnown: KeyEstimates = {
  shutCount: 0,
  of: () => undefined,
  shortBytes: () => Infinity,
  lackMb: () => Infinity,
};

/**
 * By the ordinals of the nodes, with the figures that most nodes are passed over by in lists of
 * their own: where a thousand nodes are looked at for one decision, finding each by its name and
 * following it to its figures would be most of the work.
 */
class KeyBoard implements KeyEstimates {
  readonly #estimates: (NodeEstimate | undefined)[] = [];
  readonly #shortBytes: number[] = [];
  readonly #lackMb: number[] = [];
  // The eldest first.
  readonly #moments = new Map<number, number>();
  shutCount = 0;

  get size(): number {
    return this.#moments.size;
  }

  of({ ordinal }: EstimatedNode): NodeEstimate | undefined {
    return this.#estimates[ordinal];
  }

  shortBytes({ ordinal }: EstimatedNode): number {
    return this.#shortBytes[ordinal] ?? Infinity;
  }

  lackMb({ ordinal }: EstimatedNode): number {
    return this.#lackMb[ordinal] ?? Infinity;
  }

  note({ ordinal }: EstimatedNode, { estimate, atMs }: Dated): void {
    this.forget(ordinal);
    this.#grow(ordinal);
    this.#estimates[ordinal] = estimate;
    this.#shortBytes[ordinal] = findShortBytes(estimate);
    this.#lackMb[ordinal] = findLackMb(estimate);
    this.#moments.set(ordinal, atMs);
    if (estimate.verdict !== "fits") this.shutCount += 1;
  }

  forget(ordinal: number): void {
    const estimate = this.#estimates[ordinal];
    if (estimate === undefined) return;
    this.#estimates[ordinal] = undefined;
    this.#shortBytes[ordinal] = Infinity;
    this.#lackMb[ordinal] = Infinity;
    this.#moments.delete(ordinal);
    if (estimate.verdict !== "fits") this.shutCount -= 1;
  }

  forgetBefore(ms: number): void {
    for (const [ordinal, atMs] of this.#moments) {
      if (atMs >= ms) return;
      this.forget(ordinal);
    }
  }

  // Lists without holes are read fastest.
  #grow(ordinal: number): void {
    while (this.#estimates.length <= ordinal) {
      this.#estimates.push(undefined);
      this.#shortBytes.push(Infinity);
      this.#lackMb.push(Infinity);
    }
  }
}
