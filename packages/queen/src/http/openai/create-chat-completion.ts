import { randomUUID } from "node:crypto";
import type { ChatCompletion, ChatCompletionRequest } from "@rbee/contract";
import type { HttpWorld, QueenHandler } from "../http-world.ts";
import type { DialectTask } from "../openai-shared/admit-dialect-task.ts";
import { rbeeHeaders } from "../openai-shared/rbee-headers.ts";
import { admitChoices } from "./admit-choices.ts";
import type { AnswerHead } from "./answer-head.ts";
import { chatToTask } from "./chat-to-task.ts";
import type { CollectedChoice } from "./create-choice-collector.ts";
import { collectChoices } from "./collect-choices.ts";
import { createChatVoice } from "./create-chat-voice.ts";
import { chatFinishReason } from "./finish-reason.ts";
import { streamChoices } from "./stream-choices.ts";
import { chatLogprobs } from "./token-logprobs.ts";

type Handler = QueenHandler<"createChatCompletion">;
type ChatCall = Parameters<Handler>[0];

interface Chat {
  readonly call: ChatCall;
  readonly head: AnswerHead;
  readonly tasks: readonly DialectTask[];
}

/** OpenAI's chat completions: each choice is a task of ours. */
export function createChatCompletion(world: HttpWorld): Handler {
  return async (call) => {
    const { body } = call;
    const choices = Array.from({ length: body.n ?? 1 }, (_nothing, index) => index);
    const requests = choices.map((index) => chatToTask(body, index));
    const id = `chatcmpl-${randomUUID().replaceAll("-", "")}`;
    call.setHeader("x-request-id", call.correlationId);
    const tasks = await admitChoices(world, { call, id, requests });
    const head = { id, created: Math.floor(Date.now() / 1000), model: body.model };
    const chat = { call, head, tasks };
    return body.stream === true ? streamChat(chat) : await answerChat(chat);
  };
}

function streamChat({ call, head, tasks }: Chat): Response {
  const { body, correlationId } = call;
  const hasUsage = body.stream_options?.include_usage === true;
  const stream = {
    tasks,
    correlationId,
    choicesPerPrompt: tasks.length,
    hasNarration: body.rbee?.narration === true,
    voiceOf: (index: number) => createChatVoice({ head, index, hasUsage }),
    usageEvent: hasUsage
      ? (usage: object) => ({ ...head, object: "chat.completion.chunk", choices: [], usage })
      : undefined,
  };
  return call.stream((writer) => streamChoices(stream, writer), { headers: rbeeHeaders(tasks) });
}

async function answerChat({ call, head, tasks }: Chat): Promise<ChatCompletion> {
  const collected = await collectChoices({ call, tasks, choicesPerPrompt: tasks.length });
  return {
    ...head,
    object: "chat.completion",
    choices: collected.choices.map((choice, index) => chatChoice(choice, index, call.body)),
    usage: collected.usage,
  };
}

function chatChoice(
  { text, calls, logprobs, stopReason }: CollectedChoice,
  index: number,
  body: ChatCompletionRequest,
): ChatCompletion["choices"][number] {
  const hasCalls = calls.length > 0;
  return {
    index,
    message: {
      role: "assistant",
      content: hasCalls && text === "" ? null : text,
      refusal: null,
      ...(hasCalls ? { tool_calls: [...calls] } : {}),
    },
    logprobs: body.logprobs === true ? chatLogprobs(logprobs) : null,
    finish_reason: chatFinishReason(stopReason, calls.length),
  };
}
