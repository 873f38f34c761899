/** As a model writes about a program: headings, lists, a table, and code of several languages. */
export function buildLongAnswer(): string {
  return [
    "# A hive in a program\n",
    paragraph(6),
    "## What it needs\n",
    list(50),
    codeBlock(
      "ts",
      40,
      (line) => `  const cell${line} = createCell({ wax: ${line}, isFull: true });`,
    ),
    paragraph(9),
    table(16),
    "## How it runs\n",
    codeBlock(
      "python",
      90,
      (line) => `    if cell_${line} > ${line * 3}: yield bee(${line}, "wax")`,
    ),
    paragraph(7),
    list(12),
    codeBlock("json", 30, (line) => `  "cell-${line}": { "wax": ${line}, "full": true },`),
    "> What the hive knows, it knows from its bees.\n",
    paragraph(14),
  ].join("\n");
}

function paragraph(sentences: number): string {
  const sentence = "The **bees** carry `wax` to a [cell](https://example.com/cell) and _close_ it.";
  return `${Array.from({ length: sentences }, () => sentence).join(" ")}\n`;
}

function list(items: number): string {
  const lines = Array.from(
    { length: items },
    (_, index) => `- item ${index}: **wax** and \`honey\``,
  );
  return `${lines.join("\n")}\n`;
}

function table(rows: number): string {
  const lines = Array.from({ length: rows }, (_, row) => `| cell ${row} | ${row * 7} g | _full_ |`);
  return `${["| Cell | Wax | State |", "| --- | --- | --- |", ...lines].join("\n")}\n`;
}

function codeBlock(language: string, lines: number, line: (number: number) => string): string {
  const code = Array.from({ length: lines }, (_, index) => line(index)).join("\n");
  return `\`\`\`${language}\n${code}\n\`\`\`\n`;
}
