/**
 * Keeps texts that spell special tokens ("<|im_end|>") text. In whatever a client may write, each
 * of them is replaced by a placeholder before the template sees it, and put back when the rendering
 * is tokenized, where it is not read as a special token. A placeholder survives JSON and trimming.
 */
export class SpecialTextGuard {
  readonly #pattern: RegExp | undefined;
  readonly #texts: string[] = [];

  constructor(pattern: RegExp | undefined) {
    this.#pattern = pattern;
  }

  /** The pattern that finds these texts; made once for a vocabulary. */
  static compile(specialTexts: readonly string[]): RegExp | undefined {
    const texts = specialTexts.filter((text) => text !== "");
    if (texts.length === 0) return undefined;
    const longestFirst = texts.toSorted((left, right) => right.length - left.length);
    return new RegExp(longestFirst.map(escapePattern).join("|"), "g");
  }

  /** The same value with a placeholder for each special text, however deep, also in names. */
  hide<Value>(value: Value): Value {
    return this.#pattern === undefined ? value : (this.#hideIn(value, this.#pattern) as Value);
  }

  /** Tells the pieces of a rendering in their order, and which of them a client wrote. */
  split(rendered: string): { readonly text: string; readonly isHidden: boolean }[] {
    if (this.#texts.length === 0) return [{ text: rendered, isHidden: false }];
    return rendered.split(/(\uE000\d+\uE001)/).map((text) => {
      const index = /^\uE000(\d+)\uE001$/.exec(text)?.[1];
      const hidden = index === undefined ? undefined : this.#texts[Number(index)];
      return { text: hidden ?? text, isHidden: hidden !== undefined };
    });
  }

  #hideIn(value: unknown, pattern: RegExp): unknown {
    if (typeof value === "string") return value.replace(pattern, (text) => this.#placeholder(text));
    if (Array.isArray(value)) return value.map((item) => this.#hideIn(item, pattern));
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(([key, item]) => [
      this.#hideIn(key, pattern),
      this.#hideIn(item, pattern),
    ]);
    return Object.fromEntries(entries) as unknown;
  }

  #placeholder(text: string): string {
    const known = this.#texts.indexOf(text);
    const index = known < 0 ? this.#texts.push(text) - 1 : known;
    return `\uE000${index}\uE001`;
  }
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
