import { randomUUID } from "node:crypto";
import { sizes } from "@rbee/contract";
import type { Completion } from "@rbee/contract";
import type { HttpWorld, QueenHandler } from "../http-world.ts";
import type { DialectTask } from "../openai-shared/admit-dialect-task.ts";
import { rbeeHeaders } from "../openai-shared/rbee-headers.ts";
import { admitChoices } from "./admit-choices.ts";
import type { AnswerHead } from "./answer-head.ts";
import { refusal } from "./chat-to-task.ts";
import { collectChoices } from "./collect-choices.ts";
import { completionToTask, promptsOf } from "./completion-to-task.ts";
import { createCompletionVoice } from "./create-completion-voice.ts";
import { textFinishReason } from "./finish-reason.ts";
import { streamChoices } from "./stream-choices.ts";
import { completionLogprobs } from "./token-logprobs.ts";

type Handler = QueenHandler<"createCompletion">;
type CompletionCall = Parameters<Handler>[0];

interface Asked {
  readonly call: CompletionCall;
  readonly head: AnswerHead;
  readonly tasks: readonly DialectTask[];
  readonly choicesPerPrompt: number;
}

/** OpenAI's text completions: each choice of each prompt is a task of ours. */
export function createCompletion(world: HttpWorld): Handler {
  return async (call) => {
    const { body } = call;
    const choicesPerPrompt = body.n ?? 1;
    const count = promptsOf(body).length * choicesPerPrompt;
    if (count > sizes.choicesMax) {
      throw refusal("n", `times the number of prompts is at most ${sizes.choicesMax}`);
    }
    const requests = Array.from({ length: count }, (_, index) => completionToTask(body, index));
    const id = `cmpl-${randomUUID().replaceAll("-", "")}`;
    call.setHeader("x-request-id", call.correlationId);
    const tasks = await admitChoices(world, { call, id, requests });
    const head = { id, created: Math.floor(Date.now() / 1000), model: body.model };
    const asked = { call, head, tasks, choicesPerPrompt };
    return body.stream === true ? streamText(asked) : await answerText(asked);
  };
}

function echoOf({ call, choicesPerPrompt }: Asked, index: number): string | undefined {
  if (call.body.echo !== true) return undefined;
  return promptsOf(call.body)[Math.floor(index / choicesPerPrompt)];
}

function streamText(asked: Asked): Response {
  const { call, head, tasks, choicesPerPrompt } = asked;
  const { body, correlationId } = call;
  const hasUsage = body.stream_options?.include_usage === true;
  const stream = {
    tasks,
    correlationId,
    choicesPerPrompt,
    hasNarration: body.rbee?.narration === true,
    voiceOf: (index: number) =>
      createCompletionVoice({ head, index, hasUsage, echo: echoOf(asked, index) }),
    usageEvent: hasUsage
      ? (usage: object) => ({ ...head, object: "text_completion", choices: [], usage })
      : undefined,
  };
  return call.stream((writer) => streamChoices(stream, writer), { headers: rbeeHeaders(tasks) });
}

async function answerText(asked: Asked): Promise<Completion> {
  const { call, head, tasks, choicesPerPrompt } = asked;
  const { choices, usage } = await collectChoices({ call, tasks, choicesPerPrompt });
  const hasLogprobs = typeof call.body.logprobs === "number";
  return {
    ...head,
    object: "text_completion",
    choices: choices.map(({ text, logprobs, stopReason }, index) => ({
      index,
      text: `${echoOf(asked, index) ?? ""}${text}`,
      logprobs: hasLogprobs ? completionLogprobs(logprobs, 0) : null,
      finish_reason: textFinishReason(stopReason),
    })),
    usage,
  };
}
