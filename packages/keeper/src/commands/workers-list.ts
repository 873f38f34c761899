import type { QueenWorker } from "@rbee/contract";
import { defineCommand } from "../define-command.ts";
import { nodeFlag } from "../generation-flags.ts";
import { printResult } from "../output/print.ts";
import { renderWorkers } from "../output/render-workers.ts";
import { withQueen } from "../queen-session.ts";

export const workersListCommand = defineCommand({
  summary: "the workers: state, model, device, memory, idle time",
  examples: ["rbee-keeper workers list", "rbee-keeper workers list --node mac --json"],
  arguments: {},
  flags: { node: nodeFlag("only the workers of this node") },
  run: async ({ keeper, flags: { node } }) => {
    const { workers } = await withQueen(keeper, (queen) =>
      queen.call("listWorkers", { query: { node } }),
    );
    const sorted = workers.toSorted(byNodeThenId);
    await printResult(keeper, { workers: sorted }, () => renderWorkers(sorted, new Date()));
    return undefined;
  },
});

function byNodeThenId(left: QueenWorker, right: QueenWorker): number {
  return left.node.localeCompare(right.node) || left.worker_id.localeCompare(right.worker_id);
}
