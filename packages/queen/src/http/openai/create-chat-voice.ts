import type { ChatCompletionChunk, TokenEvent, ToolCallEvent } from "@rbee/contract";
import { chatFinishReason } from "./finish-reason.ts";
import { chatLogprobs } from "./token-logprobs.ts";
import { encodeFrame, usageField } from "./choice-voice.ts";
import type { ChoiceVoice, VoiceOptions } from "./choice-voice.ts";

type Delta = ChatCompletionChunk["choices"][number]["delta"];
type Rest = Partial<Pick<ChatCompletionChunk["choices"][number], "logprobs" | "finish_reason">>;

const emptyText = '""';

/** A choice of a chat, piece by piece: the role first, the reason of its end last. */
export function createChatVoice(options: VoiceOptions): ChoiceVoice {
  const { head, index } = options;
  const { id, created, model } = head;
  const start = { id, object: "chat.completion.chunk" as const, created, model };
  let calls = 0;
  const chunk = (delta: Delta, rest: Rest = {}): string => {
    const choice = { index, delta, logprobs: null, finish_reason: null, ...rest };
    const whole: ChatCompletionChunk = { ...start, choices: [choice], ...usageField(options) };
    return encodeFrame(whole);
  };
  // The frame of a token around its text, made once.
  const [before = "", after = ""] = chunk({ content: marker }).split(JSON.stringify(marker));
  return {
    token: (json) => (json === emptyText ? "" : before + json + after),
    event(event) {
      switch (event.type) {
        case "started":
          return chunk({ role: "assistant", content: "" });
        case "token":
          return tokenChunk(event, chunk);
        case "tool-call":
          calls = Math.max(calls, event.index + 1);
          return chunk({ tool_calls: [callDelta(event)] });
        case "done":
          return chunk({}, { finish_reason: chatFinishReason(event.stop_reason, calls) });
        default:
          return "";
      }
    },
  };
}

// Stands for a text while the frame around it is made; no name of a model looks like it.
const marker = "\n<text>\n";

function tokenChunk(event: TokenEvent, chunk: (delta: Delta, rest?: Rest) => string): string {
  if (event.logprob === undefined) return event.token === "" ? "" : chunk({ content: event.token });
  return chunk({ content: event.token }, { logprobs: chatLogprobs([event.logprob]) });
}

function callDelta({ index, id, name, arguments: text }: ToolCallEvent) {
  return {
    index,
    ...(id === undefined ? {} : { id, type: "function" as const }),
    function: { ...(name === undefined ? {} : { name }), arguments: text },
  };
}
