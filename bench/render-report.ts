import type { Row } from "./section.ts";

export interface SectionReport {
  readonly name: string;
  readonly load: string;
  readonly rows: readonly Row[];
}

const heads = ["row", "measured", "target", "met"];

/** One table of all sections, readable in a terminal and in Markdown. */
export function renderReport(reports: readonly SectionReport[]): string {
  const lines = reports.flatMap(({ name, load, rows }) => [
    [`**${name}** (load ${load})`, "", "", ""],
    ...rows.map((row) => [row.name, row.measured, row.target ?? "", renderMet(row)]),
  ]);
  const widths = heads.map((head, column) =>
    Math.max(...[heads, ...lines].map((line) => line[column]?.length ?? 0), head.length),
  );
  const render = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [render(heads), rule, ...lines.map(render)].join("\n");
}

function renderMet({ isMet }: Row): string {
  if (isMet === undefined) return "";
  return isMet ? "yes" : "NO";
}
