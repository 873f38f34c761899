// Text of generated tokens. Asking the library for the whole text again at each token would be
// quadratic, so every token's text is looked up once; only characters that are split over several
// tokens go the slow way.

const replacement = "\uFFFD";
// A character has at most four bytes, so at most four tokens can stand for an incomplete one.
const heldTokensMax = 4;

export type Detokenize = (tokens: readonly number[]) => string;

export class TokenTextTable {
  readonly #detokenize: Detokenize;
  readonly #anchor: readonly number[];
  readonly #anchorText: string;
  readonly #texts: (string | undefined)[] = [];

  // Some vocabularies drop the space before the first word of a text; with an ordinary word in
  // front (`anchor`), a token's text is what it is in the middle of a text.
  constructor(detokenize: Detokenize, anchor: readonly number[]) {
    this.#detokenize = detokenize;
    this.#anchor = anchor;
    this.#anchorText = detokenize(anchor);
  }

  /** Gives a token a text that it does not have by itself. */
  name(token: number, text: string): void {
    this.#texts[token] = text;
  }

  textOf(token: number): string {
    const known = this.#texts[token];
    if (known !== undefined) return known;
    const text = this.textOfRun([token]);
    this.#texts[token] = text;
    return text;
  }

  textOfRun(tokens: readonly number[]): string {
    const text = this.#detokenize([...this.#anchor, ...tokens]);
    return text.startsWith(this.#anchorText)
      ? text.slice(this.#anchorText.length)
      : this.#detokenize(tokens);
  }
}

/** Joins tokens to text and holds a character back until all of its bytes are there. */
export class CharacterHolder {
  readonly #table: TokenTextTable;
  #held: number[] = [];

  constructor(table: TokenTextTable) {
    this.#table = table;
  }

  /** The text that is whole after this token; empty while a character is incomplete. */
  push(token: number): string {
    if (this.#held.length === 0) {
      const text = this.#table.textOf(token);
      if (!text.endsWith(replacement)) return text;
    }
    this.#held.push(token);
    return this.#takeWhole();
  }

  /** What is valid of the held tokens at the end; an incomplete character is left out. */
  flush(): string {
    const text = this.#table.textOfRun(this.#held);
    this.#held = [];
    return text.replace(/\uFFFD+$/, "");
  }

  #takeWhole(): string {
    const text = this.#table.textOfRun(this.#held);
    if (!text.endsWith(replacement)) {
      this.#held = [];
      return text;
    }
    return this.#held.length < heldTokensMax ? "" : this.#takeOldest();
  }

  // More tokens are held than one character can have: the oldest are whole by themselves, or
  // their bytes are no UTF-8 at all and become one replacement character each.
  #takeOldest(): string {
    for (let length = this.#held.length - 1; length >= 1; length -= 1) {
      const text = this.#table.textOfRun(this.#held.slice(0, length));
      if (text.endsWith(replacement)) continue;
      this.#held = this.#held.slice(length);
      return text;
    }
    this.#held = this.#held.slice(1);
    return replacement;
  }
}
