import type { ModelOnWire } from "@rbee/contract";
import { defineCommand } from "../define-command.ts";
import { chooseNodes, modelNodeFlags } from "../model-nodes.ts";
import { formatBytes } from "../output/figures.ts";
import { printResult } from "../output/print.ts";
import { formatParameters, formatUnixTime } from "../output/render-model.ts";
import { renderTable } from "../output/render-table.ts";
import type { Column } from "../output/render-table.ts";
import { withQueen } from "../queen-session.ts";

interface Row {
  readonly node: string;
  readonly model: ModelOnWire;
}

const columns: readonly Column<Row>[] = [
  { heading: "NODE", cell: ({ node }) => node },
  { heading: "ID", cell: ({ model }) => model.id },
  { heading: "REFERENCE", cell: ({ model }) => model.reference },
  { heading: "QUANT", cell: ({ model }) => model.quantization ?? "-" },
  { heading: "PARAMETERS", cell: ({ model }) => formatParameters(model), align: "right" },
  { heading: "SIZE", cell: ({ model }) => formatBytes(model.size_bytes), align: "right" },
  { heading: "CONTEXT", cell: ({ model }) => String(model.context_length ?? "-"), align: "right" },
  { heading: "LAST USED", cell: ({ model }) => formatUnixTime(model.last_used_unix) },
];

export const modelsListCommand = defineCommand({
  summary: "the models that a node has",
  examples: ["rbee-keeper models list", "rbee-keeper models list --all --json"],
  arguments: {},
  flags: modelNodeFlags,
  run: async ({ keeper, flags }) => {
    const rows = await withQueen(keeper, async (queen) => {
      const found: Row[] = [];
      for (const node of await chooseNodes(queen, flags)) {
        const { models } = await queen.call("listModels", { query: { node } });
        found.push(...models.map((model) => ({ node, model })));
      }
      return found;
    });
    const models = rows.map(({ node, model }) => ({ node, ...model }));
    await printResult(keeper, { models }, () =>
      rows.length === 0 ? ["No models."] : renderTable(columns, rows),
    );
    return undefined;
  },
});
