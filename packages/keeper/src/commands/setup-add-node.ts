import { AddNodeRequest } from "@rbee/contract";
import { defineCommand } from "../define-command.ts";
import { followOperation } from "../follow-operation.ts";
import { buildNodeWish, nodeWishFlags } from "../node-wish.ts";
import { printNodeChange } from "../output/print-node-change.ts";
import { withQueen } from "../queen-session.ts";
import { UsageError } from "../usage-error.ts";

export const setupAddNodeCommand = defineCommand({
  summary: "register a machine that has an SSH server",
  details:
    "Logs in to it first, and saves it only when that works. Its host key is recorded, and " +
    "checked from then on. What you leave out comes from your own SSH configuration.",
  examples: [
    "rbee-keeper setup add-node --name mac --ssh-host mac.home.example",
    "rbee-keeper setup add-node --name mac --ssh-host 192.168.0.7 --ssh-user me --ssh-key ~/.ssh/id_ed25519",
    "rbee-keeper setup add-node --name mac --ssh-host mac.home.example --host-key SHA256:...",
  ],
  arguments: {},
  flags: nodeWishFlags,
  run: async ({ keeper, flags }) => {
    const missing = [
      ...(flags.name === undefined ? ["--name <name>"] : []),
      ...(flags.sshHost === undefined ? ["--ssh-host <host>"] : []),
    ];
    if (missing.length > 0) throw new UsageError(`${missing.join(" and ")} missing`);
    const body = buildNodeWish(AddNodeRequest, flags, keeper);
    const done = await withQueen(keeper, async (queen) =>
      followOperation(keeper, await queen.stream("addNode", { body })),
    );
    await printNodeChange(keeper, done);
    keeper.story.tell(`Next: rbee-keeper setup install --node ${done.node_name}`);
    return undefined;
  },
});
