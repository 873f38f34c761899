import { Template } from "@huggingface/jinja";
import { type ChatMessage, EngineError, type Tool } from "../engine.ts";
import { describeTools } from "../tools/describe-tools.ts";
import { detectToolSyntax, type ToolSyntax } from "../tools/tool-syntax.ts";
import { SpecialTextGuard } from "./special-text-guard.ts";
import { buildTemplateMessages, buildTemplateTools } from "./template-input.ts";

/** What a template needs to know of its model's tokenizer. */
export interface TemplateTokenizer {
  readonly beginText: string;
  readonly endText: string;
  /** Texts that are read as special tokens. */
  readonly specialTexts: readonly string[];
  /** Without and with recognising the texts of special tokens. */
  tokenize(text: string, parseSpecial: boolean): readonly number[];
}

/** The model's own chat template; nothing is added to what the caller says. */
export class ChatTemplate {
  readonly #source: string;
  readonly #template: Template;
  readonly #tokenizer: TemplateTokenizer;
  readonly #syntax: ToolSyntax | undefined;
  readonly #specials: RegExp | undefined;

  constructor(source: string, tokenizer: TemplateTokenizer) {
    this.#source = source;
    this.#template = new Template(source);
    this.#tokenizer = tokenizer;
    this.#syntax = detectToolSyntax(source);
    this.#specials = SpecialTextGuard.compile(tokenizer.specialTexts);
  }

  /** Ids of the chat up to the place where the assistant speaks. */
  tokenize(messages: readonly ChatMessage[], tools: readonly Tool[] = []): readonly number[] {
    const guard = new SpecialTextGuard(this.#specials);
    const text = this.#render(guard.hide(messages), guard.hide(tools));
    return guard
      .split(text)
      .flatMap((piece) => this.#tokenizer.tokenize(piece.text, !piece.isHidden));
  }

  #render(messages: readonly ChatMessage[], tools: readonly Tool[]): string {
    if (this.#syntax !== "hermes" || tools.length === 0) {
      return this.#fill(messages, tools, this.#syntax === "generic");
    }
    try {
      return this.#fill(messages, tools, false);
    } catch {
      // Some templates stumble over a function that has no description, or no parameters.
      return this.#fill(messages, tools, true);
    }
  }

  #fill(messages: readonly ChatMessage[], tools: readonly Tool[], isDescribed: boolean): string {
    const takesSystem = !/system role not supported/i.test(this.#source);
    const said = isDescribed ? describeTools({ messages, tools, takesSystem }) : messages;
    const needsShortIds = this.#syntax === "mistral" || this.#syntax === "mistral-args";
    const given = isDescribed ? [] : tools;
    // One that writes as Hermes may read the list without asking whether there is one.
    const hasTools = given.length > 0 || (isDescribed && this.#syntax === "hermes");
    try {
      return this.#template.render({
        messages: buildTemplateMessages(said, needsShortIds),
        ...(hasTools ? { tools: buildTemplateTools(given) } : {}),
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
}
