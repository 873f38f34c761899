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

/** The code of a block that is nothing but code and whose end has not come; else undefined. */
export function findOpenCode(block: string): string | undefined {
  const fence = fenceStart.exec(block)?.[1];
  const begin = block.indexOf("\n") + 1;
  if (fence === undefined || begin === 0) return undefined;
  const code = block.slice(begin);
  const lastLine = code.slice(code.lastIndexOf("\n") + 1);
  return endsCode(lastLine, fence) ? undefined : code;
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
