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
    "rbee-keeper models pull hf:TheBloke/TinyLlama-1.1B-Chat-v1.0-GGUF --node mac",
    "rbee-keeper models pull hf:TheBloke/TinyLlama-1.1B-Chat-v1.0-GGUF:Q8_0 --all",
  ],
  details: "A download that broke off or was stopped goes on where it was.",
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
  try {
    const { model, already_present } = await followOperation(keeper, events);
    return { node: body.node, model, already_present };
  } catch (error) {
    if (keeper.interrupts.cause() === "interrupted") {
      keeper.story.tell("What has come of it is kept; the same command goes on from there.");
    }
    throw error;
  }
}
