import type { CompletionChunk, TokenEvent } from "@rbee/contract";
import { encodeFrame, usageField } from "./choice-voice.ts";
import type { ChoiceVoice, VoiceOptions } from "./choice-voice.ts";
import { textFinishReason } from "./finish-reason.ts";
import { completionLogprobs } from "./token-logprobs.ts";

export interface CompletionVoiceOptions extends VoiceOptions {
  /** Said before the answer; undefined when the prompt is not to be echoed. */
  readonly echo: string | undefined;
}

type Choice = CompletionChunk["choices"][number];

const emptyText = '""';
// Stands for a text while the frame around it is made; no name of a model looks like it.
const marker = "\n<text>\n";

/** A choice of a text completion, piece by piece. */
export function createCompletionVoice(options: CompletionVoiceOptions): ChoiceVoice {
  const { head, index, echo } = options;
  const { id, created, model } = head;
  const start = { id, object: "text_completion" as const, created, model };
  let offset = 0;
  const chunk = (text: string, rest: Partial<Choice> = {}): string => {
    const choice = { index, text, logprobs: null, finish_reason: null, ...rest };
    const whole: CompletionChunk = { ...start, choices: [choice], ...usageField(options) };
    return encodeFrame(whole);
  };
  const [before = "", after = ""] = chunk(marker).split(JSON.stringify(marker));
  const tokenChunk = ({ token, logprob }: TokenEvent): string => {
    if (logprob === undefined) return token === "" ? "" : chunk(token);
    const logprobs = completionLogprobs([logprob], offset);
    offset += logprob.token.length;
    return chunk(token, { logprobs });
  };
  return {
    token: (json) => (json === emptyText ? "" : before + json + after),
    event(event) {
      switch (event.type) {
        case "started":
          return echo === undefined ? "" : chunk(echo);
        case "token":
          return tokenChunk(event);
        case "done":
          return chunk("", { finish_reason: textFinishReason(event.stop_reason) });
        default:
          return "";
      }
    },
  };
}
