import { RbeeError } from "@rbee/contract";
import type { ModelOnWire } from "@rbee/contract";
import { defineCommand } from "../define-command.ts";
import { chooseNodes, modelNodeFlags } from "../model-nodes.ts";
import { printResult } from "../output/print.ts";
import { renderModel } from "../output/render-model.ts";
import { withQueen } from "../queen-session.ts";

interface Found {
  readonly node: string;
  readonly model: ModelOnWire;
}

export const modelsShowCommand = defineCommand({
  summary: "everything that a node knows about a model",
  examples: ["rbee-keeper models show hello-bee", "rbee-keeper models show tinyllama-q4 --json"],
  arguments: { model: { summary: "its id or its reference" } },
  flags: modelNodeFlags,
  run: async ({ keeper, arguments: { model: wanted }, flags }) => {
    const found = await withQueen(keeper, async (queen) => {
      const models: Found[] = [];
      let missing: unknown;
      for (const node of await chooseNodes(queen, flags)) {
        try {
          const options = { params: { id: wanted }, query: { node } };
          models.push({ node, model: await queen.call("getModel", options) });
        } catch (error) {
          if (!RbeeError.is(error, "MODEL_NOT_FOUND")) throw error;
          missing = error;
        }
      }
      if (models.length === 0) throw missing;
      return models;
    });
    const models = found.map(({ node, model }) => ({ node, ...model }));
    await printResult(keeper, { models }, () =>
      found.flatMap(({ node, model }, index) => [
        ...(index === 0 ? [] : [""]),
        ...renderModel(node, model),
      ]),
    );
    return undefined;
  },
});
