/**
 * Cuts a text into blocks that can be rendered each for itself, so that while an answer grows only
 * its last block is rendered anew. Cuts are at blank lines outside of code, and around code that
 * begins at the left edge.
 */
export function splitMarkdown(text: string): readonly string[] {
  const blocks: string[] = [];
  let lines: string[] = [];
  let fence: string | undefined;
  const cut = () => {
    if (lines.some((line) => line.trim() !== "")) blocks.push(lines.join("\n"));
    lines = [];
  };
  for (const line of text.split("\n")) {
    const isIndented = /^(?: {2,}|\t)/.test(line);
    if (fence !== undefined) {
      lines.push(line);
      if (!endsCode(line, fence)) continue;
      fence = undefined;
      if (!isIndented) cut();
      continue;
    }
    if (line.trim() === "") {
      cut();
      continue;
    }
    fence = fenceStart.exec(line)?.[1];
    if (fence !== undefined && !isIndented) cut();
    // What is indented goes on with the item above.
    if (isIndented && lines.length === 0 && blocks.length > 0) lines = [blocks.pop() ?? "", ""];
    lines.push(line);
  }
  cut();
  return blocks;
}

const fenceStart = /^ {0,3}(`{3,}|~{3,})/;

function endsCode(line: string, fence: string): boolean {
  const mark = /^ {0,3}(`{3,}|~{3,})\s*$/.exec(line)?.[1];
  return mark?.startsWith(fence) === true;
}

export interface CodeBlock {
  /** The first word beside the mark that begins it; empty when there is none. */
  readonly language: string;
  readonly text: string;
  /** Its end has come. */
  readonly isWhole: boolean;
}

/** A block that is nothing but code; undefined for one of another kind. */
export function readCodeBlock(block: string): CodeBlock | undefined {
  const [first = "", fence, language = ""] = /^(`{3,}|~{3,})[ \t]*([^\s`]*).*\n/.exec(block) ?? [];
  if (fence === undefined) return undefined;
  const text = block.slice(first.length);
  const lastLineAt = text.lastIndexOf("\n") + 1;
  const isWhole = endsCode(text.slice(lastLineAt), fence);
  return { language, text: isWhole ? text.slice(0, lastLineAt) : text, isWhole };
}

/** Cuts a text after every so many lines; together the parts are the text. */
export function splitLines(text: string, linesInPart: number): readonly string[] {
  const parts: string[] = [];
  let from = 0;
  let lines = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    lines += 1;
    if (lines % linesInPart !== 0) continue;
    parts.push(text.slice(from, at + 1));
    from = at + 1;
  }
  return from < text.length ? [...parts, text.slice(from)] : parts;
}
