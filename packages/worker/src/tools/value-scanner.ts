/** Where a character stands: in the value, at its end, behind it, or where no value goes on. */
export type ValuePlace = "inside" | "last" | "behind" | "broken";

const closers: ReadonlyMap<string, string> = new Map([
  ["{", "}"],
  ["[", "]"],
]);

/** Follows one JSON value to its end, by its brackets and quotes; it does not judge what is in it. */
export class ValueScanner {
  readonly #open: string[] = [];
  #kind: "none" | "string" | "bare" | "nested" = "none";
  #isInString = false;
  #isEscaped = false;

  get isString(): boolean {
    return this.#kind === "string";
  }

  push(character: string): ValuePlace {
    if (this.#isInString) return this.#pushString(character);
    if (this.#kind === "none") return this.#begin(character);
    if (this.#kind === "bare") return /[\s,}\]]/.test(character) ? "behind" : "inside";
    return this.#pushNested(character);
  }

  #begin(character: string): ValuePlace {
    const closer = closers.get(character);
    if (closer !== undefined) {
      this.#kind = "nested";
      this.#open.push(closer);
      return "inside";
    }
    if (character === '"') {
      this.#kind = "string";
      this.#isInString = true;
      return "inside";
    }
    if (!/[-\dtfn]/.test(character)) return "broken";
    this.#kind = "bare";
    return "inside";
  }

  #pushString(character: string): ValuePlace {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (character === "\\") this.#isEscaped = true;
    else if (character === '"') {
      this.#isInString = false;
      return this.#open.length === 0 ? "last" : "inside";
    }
    return "inside";
  }

  #pushNested(character: string): ValuePlace {
    const closer = closers.get(character);
    if (closer !== undefined) this.#open.push(closer);
    else if (character === '"') this.#isInString = true;
    else if (character === "}" || character === "]") {
      if (this.#open.pop() !== character) return "broken";
      if (this.#open.length === 0) return "last";
    }
    return "inside";
  }
}
