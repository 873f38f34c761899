import type { Narration } from "@rbee/contract";
import type { NodeErrand } from "../node-ports.ts";

type Figures = Partial<Pick<Narration, "size_mb" | "level" | "duration_ms">>;

/** One line about a node. */
export type Tell = (action: string, texts: readonly [string, string], figures?: Figures) => void;

export function tellNode({ story }: NodeErrand, node: string): Tell {
  return (action, [human, cute], figures = {}) =>
    story({ type: "tell", line: { action, target: node, node, human, cute, ...figures } });
}
