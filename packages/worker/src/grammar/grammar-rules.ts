/** The rules of one grammar in llama.cpp's notation (GBNF). A body that is there already is used again. */
export class GrammarRules {
  readonly #bodies = new Map<string, string>();
  readonly #names = new Map<string, string>();

  /** The name of a rule with this body. */
  add(body: string): string {
    const known = this.#names.get(body);
    if (known !== undefined) return known;
    const name = this.reserve();
    this.define(name, body);
    return name;
  }

  /** A name for a rule that speaks of itself; its body follows. */
  reserve(): string {
    const name = `r${this.#bodies.size}`;
    this.#bodies.set(name, "");
    return name;
  }

  define(name: string, body: string): void {
    this.#bodies.set(name, body);
    this.#names.set(body, name);
  }

  /** The whole grammar, which begins with `root`. */
  render(root: string): string {
    const lines = [...this.#bodies].map(([name, body]) => `${name} ::= ${body}`);
    return [`root ::= ${root}`, ...lines].join("\n");
  }
}

/** A text as a grammar spells it; also for the empty text. */
export function spellText(text: string): string {
  const escaped = text
    .replace(/[\\"]/g, String.raw`\$&`)
    .replace(/\n/g, String.raw`\n`)
    .replace(/\r/g, String.raw`\r`)
    .replace(/\t/g, String.raw`\t`)
    // oxlint-disable-next-line no-control-regex -- these are the characters that must be spelled
    .replace(/[\u0000-\u001F\u007F]/g, spellByte);
  return `"${escaped}"`;
}

/** Characters as the inside of a class: `[...]` or `[^...]`. */
export function spellCharacters(characters: Iterable<string>): string {
  return [...characters]
    .map((character) => {
      if (/[\\\]\-^[]/.test(character)) return spellByte(character);
      return /[\s"]/.test(character) ? spellByte(character) : character;
    })
    .join("");
}

/** One of these; brackets where there are several. */
export function oneOf(choices: readonly string[]): string {
  return choices.length === 1 ? (choices[0] ?? "") : `( ${choices.join(" | ")} )`;
}

function spellByte(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const isByte = code < 0x80;
  return isByte ? `\\x${code.toString(16).toUpperCase().padStart(2, "0")}` : character;
}
