import { UpdateNodeRequest } from "@rbee/contract";
import { defineCommand } from "../define-command.ts";
import { followOperation } from "../follow-operation.ts";
import { buildNodeWish, nodeWishFlags } from "../node-wish.ts";
import { printNodeChange } from "../output/print-node-change.ts";
import { withQueen } from "../queen-session.ts";
import { UsageError } from "../usage-error.ts";

export const setupUpdateNodeCommand = defineCommand({
  summary: "change what is known of a node, and log in to it again",
  details: "A change with which one cannot log in is not saved.",
  examples: [
    "rbee-keeper setup update-node --name mac --ssh-host 192.168.0.8",
    "rbee-keeper setup update-node --name mac --accept-host-key",
  ],
  arguments: {},
  flags: nodeWishFlags,
  run: async ({ keeper, flags }) => {
    if (flags.name === undefined) throw new UsageError("--name <name> is missing");
    const body = buildNodeWish(UpdateNodeRequest, flags, keeper);
    const done = await withQueen(keeper, async (queen) =>
      followOperation(keeper, await queen.stream("updateNode", { body })),
    );
    await printNodeChange(keeper, done);
    return undefined;
  },
});
