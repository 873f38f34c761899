import { localNodeName } from "@rbee/contract";
import { switchFlag } from "./flags.ts";
import { nodeFlag } from "./generation-flags.ts";
import { getState } from "./live-state.ts";
import type { QueenSession } from "./queen-session.ts";
import { UsageError } from "./usage-error.ts";

/** Catalogues belong to nodes: which ones a command is about. */
export const modelNodeFlags = {
  node: nodeFlag(`the node (default: ${localNodeName})`),
  all: switchFlag("on every node"),
};

interface NodeChoice {
  readonly node: string | undefined;
  readonly all: boolean;
}

export async function chooseNodes(
  queen: QueenSession,
  { node, all }: NodeChoice,
): Promise<readonly string[]> {
  if (!all) return [node ?? localNodeName];
  if (node !== undefined) throw new UsageError("--node and --all exclude each other");
  const { nodes } = await getState(queen);
  return nodes.map(({ name }) => name).toSorted((left, right) => left.localeCompare(right));
}
