import { defineCommand } from "../define-command.ts";
import { printResult } from "../output/print.ts";
import { renderNodes } from "../output/render-nodes.ts";
import { withQueen } from "../queen-session.ts";

export const setupListNodesCommand = defineCommand({
  summary: "the registered nodes: status, last contact, where rbee is installed",
  examples: ["rbee-keeper setup list-nodes", "rbee-keeper setup list-nodes --json"],
  arguments: {},
  flags: {},
  run: async ({ keeper }) => {
    const list = await withQueen(keeper, (queen) => queen.call("listNodes"));
    await printResult(keeper, list, () => renderNodes(list.nodes));
    return undefined;
  },
});
