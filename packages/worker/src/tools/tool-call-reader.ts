import { NamedCallReader, ObjectCallReader } from "./call-reader.ts";
import type { CallReader } from "./call-reader.ts";
import type { ToolPlan } from "./tool-plan.ts";
import type { ToolSyntax } from "./tool-syntax.ts";

export type AnswerPiece =
  | { readonly type: "text"; readonly text: string }
  /** `name` comes with the first piece of each call. */
  | {
      readonly type: "call";
      readonly index: number;
      readonly name?: string;
      readonly arguments: string;
    };

interface Frame {
  /** What begins calls; where there is nothing, an answer that begins with a call has one. */
  readonly open: string;
  /** Stands between the opening and the first call. */
  readonly list: string;
  readonly separators: string;
  readonly close: string;
}

const hermes: Frame = { open: "<tool_call>", list: "", separators: "", close: "</tool_call>" };
const frames: Readonly<Record<ToolSyntax, Frame>> = {
  hermes,
  generic: hermes,
  mistral: { open: "[TOOL_CALLS]", list: "[", separators: ",", close: "]" },
  "mistral-args": { open: "[TOOL_CALLS]", list: "", separators: "", close: "" },
  llama: { open: "", list: "", separators: ";", close: "" },
};
const pythonTag = "<|python_tag|>";

/**
 * - `text`: looks for what begins calls; holds back what may become it.
 * - `opening`: that has come; the call must begin.
 * - `call`: a call is read; what is read is held back until it is one.
 * - `closing`: a call is over; what closes it, or another one, must come.
 * - `behind`: all is closed; space before more text or calls is dropped.
 * - `plain`: nothing but text any more.
 */
type Mode = "text" | "opening" | "call" | "closing" | "behind" | "plain";

/**
 * Divides an answer into text and calls while it comes. However the answer is cut into pieces, its
 * texts joined and its arguments joined are the same. What began like a call but is none is text.
 */
export class ToolCallReader {
  readonly #syntax: ToolSyntax;
  readonly #names: ReadonlySet<string>;
  readonly #mustCall: boolean;
  readonly #frame: Frame;
  #mode: Mode;
  #held = "";
  #awaited: string;
  #call: CallReader | undefined;
  #isNamed = false;
  #index = 0;
  #pieces: AnswerPiece[] = [];

  constructor({ syntax, tools, mustCall }: Pick<ToolPlan, "syntax" | "tools" | "mustCall">) {
    this.#syntax = syntax;
    this.#names = new Set(tools.map(({ name }) => name));
    this.#mustCall = mustCall;
    this.#frame = frames[syntax];
    this.#mode = this.#frame.open === "" ? "opening" : "text";
    this.#awaited = this.#frame.list;
  }

  /** Whether text is held back that may still come out as text. */
  get holdsText(): boolean {
    return this.#held !== "";
  }

  push(text: string): readonly AnswerPiece[] {
    for (const character of text) this.#take(character);
    return this.#takePieces();
  }

  /**
   * The answer is over: what was held back comes out, unless it closes a call, or could not have
   * become anything but a call.
   */
  finish(): readonly AnswerPiece[] {
    if (this.#mode === "closing" || this.#mustCall) this.#held = "";
    this.#releaseHeld("plain");
    return this.#takePieces();
  }

  #takePieces(): readonly AnswerPiece[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  #take(character: string): void {
    if (this.#mode === "plain") this.#say(character);
    else if (this.#mode === "text") this.#takeText(character);
    else if (this.#mode === "opening") this.#takeOpening(character);
    else if (this.#mode === "call") this.#takeCall(character);
    else if (this.#mode === "closing") this.#takeClosing(character);
    else if (!/\s/.test(character)) {
      this.#mode = "text";
      this.#takeText(character);
    }
  }

  #takeText(character: string): void {
    const { open } = this.#frame;
    this.#held += character;
    while (!open.startsWith(this.#held)) {
      const first = String.fromCodePoint(this.#held.codePointAt(0) ?? 0);
      this.#say(first);
      this.#held = this.#held.slice(first.length);
    }
    if (this.#held !== open) return;
    this.#mode = "opening";
    this.#awaited = this.#frame.list;
  }

  #takeOpening(character: string): void {
    if (/\s/.test(character)) {
      this.#held += character;
    } else if (this.#awaited !== "" && character === this.#awaited) {
      this.#held += character;
      this.#awaited = "";
    } else if (this.#isPythonTag(character)) {
      this.#held += character;
    } else if (this.#awaited !== "" || this.#holdsPartOfTag()) {
      this.#breakOff(character);
    } else {
      this.#beginCall(character);
    }
  }

  // Llama's mark before a call; it may come in pieces, as all text may.
  #isPythonTag(character: string): boolean {
    return this.#syntax === "llama" && pythonTag.startsWith(this.#held.trimStart() + character);
  }

  #holdsPartOfTag(): boolean {
    const held = this.#held.trim();
    return this.#syntax === "llama" && held !== "" && held !== pythonTag;
  }

  #beginCall(character: string): void {
    const Reader = this.#syntax === "mistral-args" ? NamedCallReader : ObjectCallReader;
    this.#call = new Reader(this.#names);
    this.#isNamed = false;
    this.#mode = "call";
    this.#takeCall(character);
  }

  #takeCall(character: string): void {
    const call = this.#call;
    const progress = call?.push(character) ?? "broken";
    if (call !== undefined && progress !== "broken" && call.name !== undefined) {
      this.#held = "";
      this.#tellCall(call, call.name);
    } else if (progress === "broken") {
      this.#breakOff(character);
    } else {
      this.#held += character;
    }
    if (progress !== "done") return;
    this.#index += 1;
    this.#mode = this.#frame.close + this.#frame.separators === "" ? "behind" : "closing";
  }

  #tellCall(call: CallReader, name: string): void {
    const text = call.takeArguments();
    const last = this.#pieces.at(-1);
    if (!this.#isNamed) {
      this.#pieces.push({ type: "call", index: this.#index, name, arguments: text });
      this.#isNamed = true;
    } else if (text === "") {
      return;
    } else if (last?.type === "call" && last.index === this.#index) {
      this.#pieces[this.#pieces.length - 1] = { ...last, arguments: last.arguments + text };
    } else {
      this.#pieces.push({ type: "call", index: this.#index, arguments: text });
    }
  }

  // The call that has begun is told already, or what began like one is text.
  #breakOff(character: string): void {
    const isPlain = this.#frame.open === "";
    if (this.#mode === "call" && this.#isNamed) this.#index += 1;
    this.#releaseHeld(isPlain ? "plain" : "text");
    this.#take(character);
  }

  #takeClosing(character: string): void {
    const { close, separators } = this.#frame;
    if (this.#held === "" && /\s/.test(character)) return;
    if (this.#held === "" && separators.includes(character)) {
      this.#mode = "opening";
      this.#awaited = "";
      return;
    }
    if (close !== "" && close.startsWith(this.#held + character)) {
      this.#held += character;
      if (this.#held !== close) return;
      this.#held = "";
      this.#mode = "behind";
      return;
    }
    this.#breakOff(character);
  }

  #releaseHeld(mode: Mode): void {
    const held = this.#held;
    this.#held = "";
    this.#mode = mode;
    this.#say(held);
  }

  #say(text: string): void {
    if (text === "") return;
    const last = this.#pieces.at(-1);
    if (last?.type === "text") {
      this.#pieces[this.#pieces.length - 1] = { type: "text", text: last.text + text };
    } else {
      this.#pieces.push({ type: "text", text });
    }
  }
}
