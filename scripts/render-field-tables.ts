import {
  chatFields,
  completionFields,
  embeddingFields,
  rerankFields,
  responsesFields,
} from "@rbee/contract";
import type { FieldTable } from "@rbee/contract";

const tables: Readonly<Record<string, FieldTable>> = {
  chat: chatFields,
  completion: completionFields,
  responses: responsesFields,
  embeddings: embeddingFields,
  rerank: rerankFields,
};

/** A page with its tables of OpenAI's fields made anew, each between its two marks. */
export function renderFieldTables(page: string): string {
  return page.replaceAll(
    /<!-- fields: (\w+) -->\n[\s\S]*?<!-- end -->/g,
    (_whole, name: string) => {
      const table = tables[name];
      if (table === undefined) throw new Error(`there is no table of fields called ${name}`);
      return `<!-- fields: ${name} -->\n\n${renderTable(table)}\n\n<!-- end -->`;
    },
  );
}

function renderTable(table: FieldTable): string {
  const rows = Object.entries(table)
    .toSorted(([left], [right]) => left.localeCompare(right))
    .map(([field, { treatment, note, neutral = [] }]) => {
      const harmless = neutral.map((value) => `\`${JSON.stringify(value)}\``).join(", ");
      const end = harmless === "" ? "" : `; let in: ${harmless}`;
      return [`\`${field}\``, treatment, `${note}${end}`];
    });
  return alignColumns([["field", "here", "what"], ...rows]);
}

// As the formatter would write it.
function alignColumns(rows: readonly (readonly string[])[]): string {
  const [head = []] = rows;
  const widths = head.map((_cell, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(head), rule, ...rows.slice(1).map(line)].join("\n");
}
