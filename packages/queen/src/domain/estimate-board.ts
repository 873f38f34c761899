import type { KeyEstimates, NodeEstimate } from "./placement-facts.ts";

/** A node as the board knows it. */
export interface EstimatedNode {
  /** See `NodeFacts.ordinal`. */
  readonly ordinal: number;
}

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
  return {
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

const nothingKnown: KeyEstimates = { shutCount: 0, of: () => undefined };

/**
 * By the ordinals of the nodes: where a thousand nodes are looked at for one decision, finding each
 * by its name would be most of the work.
 */
class KeyBoard implements KeyEstimates {
  readonly #estimates: (NodeEstimate | undefined)[] = [];
  // The eldest first.
  readonly #moments = new Map<number, number>();
  shutCount = 0;

  get size(): number {
    return this.#moments.size;
  }

  of(node: EstimatedNode): NodeEstimate | undefined {
    return this.#estimates[node.ordinal];
  }

  note({ ordinal }: EstimatedNode, { estimate, atMs }: Dated): void {
    this.forget(ordinal);
    this.#estimates[ordinal] = estimate;
    this.#moments.set(ordinal, atMs);
    if (estimate.verdict !== "fits") this.shutCount += 1;
  }

  forget(ordinal: number): void {
    const estimate = this.#estimates[ordinal];
    if (estimate === undefined) return;
    this.#estimates[ordinal] = undefined;
    this.#moments.delete(ordinal);
    if (estimate.verdict !== "fits") this.shutCount -= 1;
  }

  forgetBefore(ms: number): void {
    for (const [ordinal, atMs] of this.#moments) {
      if (atMs >= ms) return;
      this.forget(ordinal);
    }
  }
}
