import { defineCommand } from "../define-command.ts";
import { followOperation } from "../follow-operation.ts";
import { chooseNodes, modelNodeFlags } from "../model-nodes.ts";
import { formatBytes } from "../output/figures.ts";
import { printResult } from "../output/print.ts";
import { withQueen } from "../queen-session.ts";
import type { QueenSession } from "../queen-session.ts";
import type { Keeper } from "../keeper.ts";

export const modelsPullCommand = defineCommand({
  summary: "fetch a model to a node",
  examples: [
    "rbee-keeper models pull hello-bee",
    "rbee-keeper models pull file:/models/tinyllama.gguf --node mac",
  ],
  arguments: { model: { summary: "the model reference" } },
  flags: modelNodeFlags,
  run: async ({ keeper, arguments: { model }, flags }) => {
    const pulled = await withQueen(keeper, async (queen) => {
      const done: Awaited<ReturnType<typeof pull>>[] = [];
      for (const node of await chooseNodes(queen, flags)) {
        done.push(await pull(keeper, queen, { node, model }));
      }
      return done;
    });
    await printResult(keeper, { pulled }, () =>
      pulled.map((entry) => {
        const how = entry.already_present ? "was there already" : "is there now";
        const size = formatBytes(entry.model.size_bytes);
        return `${entry.model.id} ${how} on ${entry.node} (${size}, ${entry.model.local_path}).`;
      }),
    );
    return undefined;
  },
});

async function pull(
  keeper: Keeper,
  queen: QueenSession,
  body: { readonly node: string; readonly model: string },
) {
  const events = await queen.stream("pullModel", { body });
  const { model, already_present } = await followOperation(keeper, events);
  return { node: body.node, model, already_present };
}
