// How deep llama.cpp's reader may call itself.
const nestingMax = 100;
const outsideOfTexts = /"(?:\\[^]|[^"\\])*"|\[(?:\\[^]|[^\]\\])*\]|#[^\n]*/g;

/**
 * What of a grammar would harm llama.cpp, which reads it inside of this process: a repetition whose
 * end is before its beginning makes rules until memory is full, and brackets in brackets use up its
 * stack. Undefined when there is nothing; whether the grammar is right is for llama.cpp to say.
 */
export function findGrammarDanger(grammar: string): string | undefined {
  const bare = grammar.replace(outsideOfTexts, " ");
  for (const [text, least, most] of bare.matchAll(/\{\s*(\d+)\s*,\s*(\d+)\s*\}/g)) {
    if (BigInt(most ?? 0) < BigInt(least ?? 0))
      return `the repetition ${text} ends before it begins`;
  }
  let depth = 0;
  for (const [bracket] of bare.matchAll(/[()]/g)) {
    depth += bracket === "(" ? 1 : -1;
    if (depth > nestingMax) return `there are more than ${nestingMax} brackets in each other`;
  }
  return undefined;
}
