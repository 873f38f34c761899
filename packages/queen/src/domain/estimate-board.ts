import type { NodeEstimate } from "./placement-facts.ts";

interface Dated {
  readonly estimate: NodeEstimate;
  readonly atMs: number;
}

interface Board {
  readonly byNode: Map<string, Dated>;
  latestMs: number;
}

/** What hives said of requests, by the request's key and then by node, for a while. */
export function createEstimateBoard(keptMs: number) {
  // The one that was written to longest ago first.
  const boards = new Map<string, Board>();
  const forgetOld = (nowMs: number) => {
    for (const [key, { latestMs }] of boards) {
      if (nowMs - latestMs <= keptMs) return;
      boards.delete(key);
    }
  };
  return {
    note({ node, key }: { readonly node: string; readonly key: string }, dated: Dated): void {
      const board = boards.get(key) ?? { byNode: new Map(), latestMs: dated.atMs };
      boards.delete(key);
      forgetOld(dated.atMs);
      boards.set(key, board);
      board.latestMs = dated.atMs;
      board.byNode.set(node, dated);
    },
    /** It has to be asked anew about everything. */
    forgetNode(node: string): void {
      for (const { byNode } of boards.values()) byNode.delete(node);
    },
    estimatesOf(key: string, nowMs: number): (node: string) => NodeEstimate | undefined {
      const board = boards.get(key);
      if (board === undefined) return () => undefined;
      return (node) => {
        const dated = board.byNode.get(node);
        return dated !== undefined && nowMs - dated.atMs <= keptMs ? dated.estimate : undefined;
      };
    },
    /** Of how many keys something is remembered. */
    size: (): number => boards.size,
  };
}
