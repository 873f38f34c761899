import { defineCommand } from "../define-command.ts";
import { switchFlag } from "../flags.ts";
import { followOperation } from "../follow-operation.ts";
import { nodeFlag } from "../generation-flags.ts";
import { printResult } from "../output/print.ts";
import { withQueen } from "../queen-session.ts";
import { UsageError } from "../usage-error.ts";

export const setupInstallCommand = defineCommand({
  summary: "put rbee on a registered node, or bring it up to date there",
  details:
    "Sends a complete copy for the node's system over SSH; nothing but an SSH server is needed " +
    "there, and no network. What is there already is not sent again, and an interrupted " +
    "installation goes on where it was.",
  examples: [
    "rbee-keeper setup install --node mac",
    "rbee-keeper setup install --node mac --from-git",
  ],
  arguments: {},
  flags: {
    node: nodeFlag("the node"),
    fromGit: switchFlag("let the node clone the repository that it is registered with, and build"),
  },
  run: async ({ keeper, flags: { node, fromGit } }) => {
    if (node === undefined) throw new UsageError("--node <name> is missing");
    const done = await withQueen(keeper, async (queen) => {
      const body = { node_name: node, from_git: fromGit };
      return await followOperation(keeper, await queen.stream("installNode", { body }));
    });
    const { version, install_path, is_unchanged } = done;
    await printResult(keeper, { node, version, install_path, is_unchanged }, () => [done.message]);
    return undefined;
  },
});
