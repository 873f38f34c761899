import { RbeeError } from "@rbee/contract";
import type { ModelDeleted } from "@rbee/contract";
import { defineCommand } from "../define-command.ts";
import { chooseNodes, modelNodeFlags } from "../model-nodes.ts";
import { formatBytes } from "../output/figures.ts";
import { printResult } from "../output/print.ts";
import { withQueen } from "../queen-session.ts";

type Removed = ModelDeleted & { readonly node: string };

export const modelsRmCommand = defineCommand({
  summary: "remove a model from a node",
  details: "Files that are yours (file:) or belong to rbee (hello-bee) stay where they are.",
  examples: ["rbee-keeper models rm tinyllama-q4", "rbee-keeper models rm tinyllama-q4 --all"],
  arguments: { model: { summary: "its id or its reference" } },
  flags: modelNodeFlags,
  run: async ({ keeper, arguments: { model: wanted }, flags }) => {
    const removed = await withQueen(keeper, async (queen) => {
      const done: Removed[] = [];
      let missing: unknown;
      for (const node of await chooseNodes(queen, flags)) {
        try {
          const options = { params: { id: wanted }, query: { node } };
          done.push({ node, ...(await queen.call("deleteModel", options)) });
        } catch (error) {
          if (!RbeeError.is(error, "MODEL_NOT_FOUND")) throw error;
          missing = error;
        }
      }
      if (done.length === 0) throw missing;
      return done;
    });
    await printResult(keeper, { removed }, () => removed.map(describeRemoved));
    return undefined;
  },
});

function describeRemoved({ node, id, file_kept: isKept, freed_bytes: freed }: Removed): string {
  const file = isKept ? "its file was left where it is" : `${formatBytes(freed)} freed`;
  return `Removed ${id} from ${node}: ${file}.`;
}
