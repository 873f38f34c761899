import { backends } from "@rbee/contract";
import { defineCommand } from "../define-command.ts";
import { integerFlag, textFlag } from "../flags.ts";
import { nodeFlag } from "../generation-flags.ts";
import { printResult } from "../output/print.ts";
import { renderPlacement } from "../output/render-placement.ts";
import { withQueen } from "../queen-session.ts";

export const placementExplainCommand = defineCommand({
  summary: "where a model would run, and why: fits, short by N MB, or why not",
  details:
    "Each hive judges by the memory that is free now, as it would before starting a worker. " +
    "Nothing is started, stopped or downloaded.",
  examples: [
    "rbee-keeper placement explain hello-bee",
    "rbee-keeper placement explain hf:org/repo --node mac --json",
  ],
  arguments: { model: { summary: "its reference, or an alias" } },
  flags: {
    node: nodeFlag("only this node (default: all)"),
    backend: textFlag("name", "what computes", { choices: backends }),
    device: integerFlag("number of the GPU", { minimum: 0 }),
    context: integerFlag("tokens of context per slot", { minimum: 16 }),
  },
  run: async ({ keeper, arguments: { model }, flags }) => {
    const { node, backend, device, context } = flags;
    const query = { model, node, backend, device, context };
    const explained = await withQueen(keeper, (queen) => queen.call("explainPlacement", { query }));
    await printResult(keeper, explained, () => renderPlacement(explained));
    return undefined;
  },
});
