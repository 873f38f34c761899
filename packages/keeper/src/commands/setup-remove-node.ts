import { NodeNameRequest } from "@rbee/contract";
import { defineCommand } from "../define-command.ts";
import { followOperation } from "../follow-operation.ts";
import { nodeWishFlags, parseFields } from "../node-wish.ts";
import { printNodeChange } from "../output/print-node-change.ts";
import { withQueen } from "../queen-session.ts";
import { UsageError } from "../usage-error.ts";

export const setupRemoveNodeCommand = defineCommand({
  summary: "take rbee away from a node and forget it",
  details:
    "Stops the hive that the queen started there and removes what rbee put there, except models. " +
    "A machine that cannot be reached is forgotten all the same.",
  examples: ["rbee-keeper setup remove-node --name mac"],
  arguments: {},
  flags: { name: nodeWishFlags.name },
  run: async ({ keeper, flags: { name } }) => {
    if (name === undefined) throw new UsageError("--name <name> is missing");
    const body = parseFields(NodeNameRequest, { node_name: name });
    const done = await withQueen(keeper, async (queen) =>
      followOperation(keeper, await queen.stream("removeNode", { body })),
    );
    await printNodeChange(keeper, done);
    return undefined;
  },
});
