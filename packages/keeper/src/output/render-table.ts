import { safeText } from "./safe-text.ts";

export interface Column<Row> {
  readonly heading: string;
  readonly cell: (row: Row) => string;
  readonly align?: "left" | "right";
}

/** Lines of a table: a heading, then one line per row, columns two spaces apart. */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): readonly string[] {
  const headings = columns.map((column) => column.heading);
  const cells = rows.map((row) => columns.map((column) => safeText(column.cell(row))));
  const widths = columns.map((_column, index) =>
    Math.max(...[headings, ...cells].map((line) => line[index]?.length ?? 0)),
  );
  const pad = (text: string, index: number) => {
    const width = widths[index] ?? 0;
    return columns[index]?.align === "right" ? text.padStart(width) : text.padEnd(width);
  };
  return [headings, ...cells].map((line) => line.map(pad).join("  ").trimEnd());
}

/** Lines `Name:  value`, the values below each other. */
export function renderFields(fields: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...fields.map(([name]) => name.length)) + 1;
  return fields.map(([name, value]) => `${`${name}:`.padEnd(width)}  ${safeText(value)}`.trimEnd());
}
