import type { VerifyResult } from "@rbee/contract";
import type { z } from "zod";
import { defineCommand } from "../define-command.ts";
import { followOperation } from "../follow-operation.ts";
import { chooseNodes, modelNodeFlags } from "../model-nodes.ts";
import { countOf } from "../output/figures.ts";
import { mark } from "../output/mark.ts";
import { printLines, printResult } from "../output/print.ts";
import { safeText } from "../output/safe-text.ts";
import { withQueen } from "../queen-session.ts";

type Checked = z.infer<typeof VerifyResult> & { readonly node: string };

export const modelsVerifyCommand = defineCommand({
  summary: "read model files again and compare; exit 1 when one is bad",
  examples: ["rbee-keeper models verify", "rbee-keeper models verify tinyllama-q4 --node mac"],
  arguments: { model: { summary: "only this model", isOptional: true } },
  flags: modelNodeFlags,
  run: async ({ keeper, arguments: { model }, flags }) => {
    const isJson = keeper.globals.json;
    const results: Checked[] = [];
    await withQueen(keeper, async (queen) => {
      for (const node of await chooseNodes(queen, flags)) {
        const events = await queen.stream("verifyModels", { body: { node, model } });
        await followOperation(keeper, events, async (event) => {
          if (event.type !== "result") return;
          results.push({ node, ...event });
          if (isJson) return;
          const problem = event.problem === null ? "" : `: ${event.problem}`;
          const line = `${mark(keeper, event.ok)} ${safeText(`${node}  ${event.id}${problem}`)}`;
          await printLines(keeper, [line]);
        });
      }
    });
    const bad = results.filter((result) => !result.ok).length;
    const verdict = bad === 0 ? "all good" : `${bad} bad`;
    await printResult(keeper, { checked: results.length, bad, results }, () => [
      results.length === 0
        ? "No models."
        : `${countOf(results.length, "model")} checked, ${verdict}.`,
    ]);
    for (const { ok, id, reference, node } of results) {
      if (ok || !reference.startsWith("hf:")) continue;
      const words = `models rm ${id} --node ${node} && rbee-keeper models pull ${reference}`;
      keeper.story.tell(`To fetch it again: rbee-keeper ${words} --node ${node}`);
    }
    return bad > 0 ? 1 : undefined;
  },
});
