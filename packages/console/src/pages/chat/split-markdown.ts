/**
 * Cuts a text into blocks that can be rendered each for itself, so that while an answer grows only
 * its last block is rendered anew. Cuts are at blank lines outside of code fences.
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
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence === undefined && mark !== undefined) fence = mark;
    else if (fence !== undefined && mark?.startsWith(fence) === true) fence = undefined;
    // What is indented goes on with the item above.
    if (line.trim() === "" && fence === undefined) cut();
    else if (/^(?: {2,}|\t)/.test(line) && lines.length === 0 && blocks.length > 0) {
      lines = [blocks.pop() ?? "", "", line];
    } else lines.push(line);
  }
  cut();
  return blocks;
}
