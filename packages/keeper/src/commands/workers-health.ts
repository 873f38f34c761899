import { defineCommand } from "../define-command.ts";
import { nodeFlag } from "../generation-flags.ts";
import { mark } from "../output/mark.ts";
import { printResult } from "../output/print.ts";
import { safeText } from "../output/safe-text.ts";
import { withQueen } from "../queen-session.ts";

export const workersHealthCommand = defineCommand({
  summary: "whether each worker is ready",
  examples: ["rbee-keeper workers health", "rbee-keeper workers health --node mac"],
  arguments: {},
  flags: { node: nodeFlag("only the workers of this node") },
  run: async ({ keeper, flags: { node } }) => {
    const health = await withQueen(keeper, (queen) =>
      queen.call("workersHealth", { query: { node } }),
    );
    await printResult(keeper, health, () => {
      const workersByNode = Map.groupBy(health.workers, (worker) => worker.node);
      if (node !== undefined && !workersByNode.has(node)) workersByNode.set(node, []);
      if (workersByNode.size === 0) return ["No workers."];
      return [...workersByNode].flatMap(([name, workers]) => [
        `Workers on ${safeText(name)}:`,
        ...(workers.length === 0 ? ["  No workers."] : []),
        ...workers.map(
          ({ worker_id: id, state, ready }) =>
            `  ${mark(keeper, ready)} ${safeText(id)}  state: ${state}  ready: ${ready ? "yes" : "no"}`,
        ),
      ]);
    });
    return undefined;
  },
});
