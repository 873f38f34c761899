import { setImmediate as nextTurn } from "node:timers/promises";
import type { PreparedPrompt } from "../engine.ts";

export interface PromptTokenizer {
  /** Tokens of one slot. */
  readonly contextSize: number;
  /** Characters of the longest token: no text can have fewer tokens than its length by this. */
  readonly tokenCharactersMax: number;
  /** Whether tokens never cross the seams of `findSeam` (byte-pair vocabularies). */
  readonly splitsAtSeams: boolean;
  tokenize(text: string): readonly number[];
}

// 16,000 characters take about 6 ms.
const pieceCharacters = 16_000;
const seamWindowCharacters = 400;

/** Same ids as one call of `tokenize`, without holding the event loop up for long. */
export async function tokenizePrompt(
  text: string,
  tokenizer: PromptTokenizer,
): Promise<PreparedPrompt> {
  const tokensAtLeast = Math.ceil(text.length / tokenizer.tokenCharactersMax);
  if (tokensAtLeast > tokenizer.contextSize) return { fits: false, tokensAtLeast };
  const tokens: number[] = [];
  for (let start = 0; start < text.length;) {
    if (start > 0) await nextTurn();
    const end = tokenizer.splitsAtSeams ? findSeam(text, start, tokenizer) : text.length;
    for (const token of tokenizer.tokenize(text.slice(start, end))) tokens.push(token);
    // One more than fits is enough to know.
    if (tokens.length > tokenizer.contextSize) break;
    start = end;
  }
  return judgeFit(tokens, tokenizer.contextSize);
}

export function judgeFit(tokens: readonly number[], contextSize: number): PreparedPrompt {
  return tokens.length <= contextSize
    ? { fits: true, tokens }
    : { fits: false, tokensAtLeast: tokens.length };
}

// A line break between a letter or digit and a letter is a border for every byte-pair
// pre-tokenizer in use; each seam is still checked on the text around it.
function findSeam(text: string, start: number, tokenizer: PromptTokenizer): number {
  const wanted = start + pieceCharacters;
  if (wanted >= text.length) return text.length;
  const seams = /(?<=[A-Za-z0-9]\n)(?=[A-Za-z])/g;
  seams.lastIndex = wanted;
  for (let seam = seams.exec(text); seam !== null; seam = seams.exec(text)) {
    if (isSeam(text, seam.index, tokenizer)) return seam.index;
    seams.lastIndex = seam.index + 1;
    if (seam.index > wanted + pieceCharacters) break;
  }
  return text.length;
}

function isSeam(text: string, seam: number, tokenizer: PromptTokenizer): boolean {
  const before = text.slice(Math.max(0, seam - seamWindowCharacters), seam);
  const after = text.slice(seam, seam + seamWindowCharacters);
  const apart = [...tokenizer.tokenize(before), ...tokenizer.tokenize(after)];
  const together = tokenizer.tokenize(before + after);
  return apart.length === together.length && apart.every((id, index) => id === together[index]);
}
