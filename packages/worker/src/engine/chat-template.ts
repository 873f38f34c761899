import { Template } from "@huggingface/jinja";
import { type ChatMessage, EngineError } from "../engine.ts";

/** What a template needs to know of its model's tokenizer. */
export interface TemplateTokenizer {
  readonly beginText: string;
  readonly endText: string;
  /** Without and with recognising the texts of special tokens. */
  tokenize(text: string, parseSpecial: boolean): readonly number[];
}

/** The model's own chat template; nothing is added to what the caller says. */
export class ChatTemplate {
  readonly #template: Template;
  readonly #tokenizer: TemplateTokenizer;

  constructor(source: string, tokenizer: TemplateTokenizer) {
    this.#template = new Template(source);
    this.#tokenizer = tokenizer;
  }

  /** Ids of the chat up to the place where the assistant speaks. */
  tokenize(messages: readonly ChatMessage[]): readonly number[] {
    const guards = this.#planGuards(messages);
    const text = this.#render(guards.messages);
    return guards.contents.size === 0
      ? this.#tokenizer.tokenize(text, true)
      : this.#tokenizeGuarded(text, guards.contents);
  }

  #render(messages: readonly ChatMessage[]): string {
    try {
      return this.#template.render({
        messages: messages.map((message) => ({ ...message })),
        add_generation_prompt: true,
        bos_token: this.#tokenizer.beginText,
        eos_token: this.#tokenizer.endText,
      });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `The model's chat template refuses these messages: ${reason}`;
      throw new EngineError("invalid-request", message, { cause });
    }
  }

  // A message that spells a special token ("<|im_end|>") must stay text: it is kept out of the
  // rendering by a placeholder and tokenized for itself.
  #planGuards(messages: readonly ChatMessage[]): {
    readonly messages: readonly ChatMessage[];
    readonly contents: ReadonlyMap<string, string>;
  } {
    const contents = new Map<string, string>();
    const guarded = messages.map((message, index) => {
      if (!this.#spellsSpecialToken(message.content)) return message;
      const placeholder = `\uE000${index}\uE001`;
      contents.set(placeholder, message.content);
      return { ...message, content: placeholder };
    });
    return { messages: guarded, contents };
  }

  #spellsSpecialToken(content: string): boolean {
    const asText = this.#tokenizer.tokenize(content, false);
    const asSpecial = this.#tokenizer.tokenize(content, true);
    return (
      asText.length !== asSpecial.length ||
      asText.some((token, index) => token !== asSpecial[index])
    );
  }

  #tokenizeGuarded(text: string, contents: ReadonlyMap<string, string>): readonly number[] {
    const tokens: number[] = [];
    for (const piece of text.split(/(\uE000\d+\uE001)/)) {
      const content = contents.get(piece);
      const isContent = content !== undefined;
      tokens.push(...this.#tokenizer.tokenize(content ?? piece, !isContent));
    }
    return tokens;
  }
}
