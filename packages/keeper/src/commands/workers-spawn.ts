import { defineCommand } from "../define-command.ts";
import { integerFlag, textFlag } from "../flags.ts";
import { followOperation } from "../follow-operation.ts";
import { nodeFlag, placementFlags } from "../generation-flags.ts";
import { printResult } from "../output/print.ts";
import { renderWorkers } from "../output/render-workers.ts";
import { withQueen } from "../queen-session.ts";
import { UsageError } from "../usage-error.ts";

export const workersSpawnCommand = defineCommand({
  summary: "load a model ahead of time",
  examples: [
    "rbee-keeper workers spawn --model hello-bee",
    "rbee-keeper workers spawn --node mac --model hello-bee --backend metal --slots 8",
  ],
  arguments: {},
  flags: {
    ...placementFlags,
    node: nodeFlag("the node to run on (default: localhost)"),
    model: textFlag("reference", "the model to load"),
    slots: integerFlag("requests at once", { minimum: 1, maximum: 64, shownDefault: "auto" }),
  },
  run: async ({ keeper, flags }) => {
    const { node, model, backend, device, slots, context } = flags;
    if (model === undefined) throw new UsageError("--model <reference> is missing");
    const { worker } = await withQueen(keeper, async (queen) => {
      const body = { node, model, backend, device, slots, context };
      return await followOperation(keeper, await queen.stream("spawnWorker", { body }));
    });
    await printResult(keeper, { worker }, () => renderWorkers([worker], new Date()));
    return undefined;
  },
});
