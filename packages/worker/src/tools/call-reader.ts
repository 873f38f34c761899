import { ValueScanner } from "./value-scanner.ts";

export type CallProgress = "reading" | "done" | "broken";

/** Reads one call, character by character. It is a call once its name and arguments have begun. */
export interface CallReader {
  readonly push: (character: string) => CallProgress;
  /** The name, once it is sure that this is a call of one of the functions. */
  readonly name: string | undefined;
  /** The arguments that have come since the last time; asked for once there is a name. */
  readonly takeArguments: () => string;
}

type Phase = "before" | "key-or-end" | "key" | "colon" | "value" | "inside" | "comma-or-end";

const argumentKeys: ReadonlySet<string> = new Set(["arguments", "parameters"]);

/** A call that is an object with `name` and `arguments` (or `parameters`), in any order. */
export class ObjectCallReader implements CallReader {
  readonly #names: ReadonlySet<string>;
  #phase: Phase = "before";
  #key = "";
  #value = "";
  #scanner = new ValueScanner();
  #named: string | undefined;
  #arguments: string | undefined;

  constructor(names: ReadonlySet<string>) {
    this.#names = names;
  }

  get name(): string | undefined {
    return this.#arguments === undefined ? undefined : this.#named;
  }

  takeArguments(): string {
    const taken = this.#arguments ?? "";
    this.#arguments = "";
    return taken;
  }

  push(character: string): CallProgress {
    if (this.#phase === "key") return this.#pushKey(character);
    if (this.#phase === "inside") return this.#pushValue(character);
    if (/\s/.test(character)) return "reading";
    if (this.#phase === "value") return this.#beginValue(character);
    return this.#pushMark(character);
  }

  #pushMark(character: string): CallProgress {
    const phase = this.#phase;
    if (phase === "before" && character === "{") this.#phase = "key-or-end";
    else if (phase === "key-or-end" && character === '"') this.#beginKey();
    else if (phase === "colon" && character === ":") this.#phase = "value";
    else if (phase === "comma-or-end" && character === ",") this.#phase = "key-or-end";
    else if (character === "}" && (phase === "comma-or-end" || phase === "key-or-end")) {
      return this.#end();
    } else return "broken";
    return "reading";
  }

  // A function without parameters may be called without arguments.
  #end(): CallProgress {
    if (this.#named === undefined) return "broken";
    this.#arguments ??= "{}";
    return "done";
  }

  #beginKey(): void {
    this.#phase = "key";
    this.#key = "";
  }

  #pushKey(character: string): CallProgress {
    if (character === '"') this.#phase = "colon";
    else this.#key += character;
    return "reading";
  }

  #beginValue(character: string): CallProgress {
    this.#phase = "inside";
    this.#value = "";
    this.#scanner = new ValueScanner();
    if (argumentKeys.has(this.#key)) {
      if (this.#arguments !== undefined || !/[{"n]/.test(character)) return "broken";
    }
    return this.#pushValue(character);
  }

  #pushValue(character: string): CallProgress {
    const place = this.#scanner.push(character);
    if (place === "broken") return "broken";
    if (place !== "behind") this.#takeCharacter(character);
    if (place === "inside") return "reading";
    this.#phase = "comma-or-end";
    if (!this.#endValue()) return "broken";
    return place === "behind" ? this.push(character) : "reading";
  }

  // Arguments that are an object go on at once; anything else is looked at when it is whole.
  #takeCharacter(character: string): void {
    const isStreamed = argumentKeys.has(this.#key) && !/^["n]/.test(this.#value || character);
    if (isStreamed) this.#arguments = (this.#arguments ?? "") + character;
    this.#value += character;
  }

  #endValue(): boolean {
    if (this.#key === "name") {
      const name = parseJson(this.#value);
      if (typeof name !== "string" || !this.#names.has(name)) return false;
      this.#named = name;
    } else if (argumentKeys.has(this.#key) && !this.#value.startsWith("{")) {
      const value = parseJson(this.#value);
      if (value !== null && typeof value !== "string") return false;
      // Some models write the arguments as a text that is JSON.
      this.#arguments = value === null || value.trim() === "" ? "{}" : value;
    }
    return true;
  }
}

const headCharactersMax = 200;

/** A call that is `name[ARGS]{...}`, perhaps with an id between the two. */
export class NamedCallReader implements CallReader {
  readonly #names: ReadonlySet<string>;
  readonly #scanner = new ValueScanner();
  #head = "";
  #named: string | undefined;
  #arguments = "";
  #hasBegun = false;

  constructor(names: ReadonlySet<string>) {
    this.#names = names;
  }

  get name(): string | undefined {
    return this.#hasBegun ? this.#named : undefined;
  }

  takeArguments(): string {
    const taken = this.#arguments;
    this.#arguments = "";
    return taken;
  }

  push(character: string): CallProgress {
    if (this.#named === undefined) return this.#pushHead(character);
    if (!this.#hasBegun && /\s/.test(character)) return "reading";
    if (!this.#hasBegun && character !== "{") return "broken";
    this.#hasBegun = true;
    const place = this.#scanner.push(character);
    if (place === "broken") return "broken";
    this.#arguments += character;
    return place === "last" ? "done" : "reading";
  }

  #pushHead(character: string): CallProgress {
    this.#head += character;
    if (!this.#head.endsWith("[ARGS]")) {
      return this.#head.length > headCharactersMax ? "broken" : "reading";
    }
    const name = /^\s*([\w.-]+?)\s*(?:\[CALL_ID\][^[]*)?\[ARGS\]$/.exec(this.#head)?.[1];
    if (name === undefined || !this.#names.has(name)) return "broken";
    this.#named = name;
    return "reading";
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
