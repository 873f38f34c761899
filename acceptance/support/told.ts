import assert from "node:assert/strict";

export interface ToldLine {
  readonly actor: string;
  readonly text: string;
}

export function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}

export function lastLineOf(text: string): string {
  return linesOf(text).at(-1)?.trim() ?? "";
}

/** The narration in what a person saw: `[actor] text`. */
export function narrationOf(text: string): ToldLine[] {
  return [...text.matchAll(/^\[([a-z-]+)\]\s+(.*)$/gm)].map(([, actor = "", said = ""]) => ({
    actor,
    text: said,
  }));
}

/** A cell of a table: `/pattern/` or plain text. */
export function parsePattern(cell: string): RegExp {
  const pattern = /^\/(.*)\/$/.exec(cell)?.[1];
  return new RegExp(pattern ?? cell.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
}

/** Each pattern is found after the place where the one before it ended. */
export function assertInOrder(text: string, patterns: readonly RegExp[]): void {
  let from = 0;
  for (const pattern of patterns) {
    const found = pattern.exec(text.slice(from));
    assert.ok(found !== null, `${String(pattern)} is not there, or too early, in:\n${text}`);
    from += found.index + found[0].length;
  }
}
