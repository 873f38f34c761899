import type {
  ErrorBody,
  InferenceDone,
  ResponseEvent,
  ResponseResult,
  TaskEvent,
} from "@rbee/contract";
import { createOutput } from "./create-output.ts";
import type { Say } from "./open-item.ts";

export interface ResponseStoryOptions {
  /** The response before anything is in it. */
  readonly head: ResponseResult;
  readonly emit: (event: ResponseEvent) => void;
  /** Seconds since 1970. */
  readonly now: () => number;
}

export interface ResponseStory {
  readonly begin: () => void;
  /** One event of the task. */
  readonly follow: (event: TaskEvent) => void;
  /** Ends it with what went wrong, unless it has ended. */
  readonly fail: (error: ErrorBody) => void;
  readonly result: () => ResponseResult;
}

/** Says what happens in a task as OpenAI's Responses API says it. */
export function createResponseStory({ head, emit, now }: ResponseStoryOptions): ResponseStory {
  let sequence = 0;
  const say: Say = (event) => emit({ ...event, sequence_number: sequence++ });
  const output = createOutput({ seed: head.id.replace(/^resp_/, ""), say });
  const prompt = { tokens: 0, cached: 0 };
  let result = head;

  const finish = (done: InferenceDone) => {
    const isCut = done.stop_reason === "MAX_TOKENS";
    output.addNothing();
    const items = output.close(isCut ? "incomplete" : "completed");
    const usage = usageOf(prompt, done.total_tokens);
    result = { ...result, output: [...items], usage, ...endOf(isCut, now()) };
    say({ type: isCut ? "response.incomplete" : "response.completed", response: result });
  };
  const fail = (error: ErrorBody) => {
    if (result.status !== "in_progress") return;
    const { code, message, param } = error;
    const items = output.close("incomplete");
    const wordOfTheirs = { code: failureCode(code), message };
    result = { ...result, output: [...items], status: "failed", error: wordOfTheirs };
    say({ type: "error", code, message, param, error });
    say({ type: "response.failed", response: result });
  };
  return {
    begin() {
      say({ type: "response.created", response: result });
      say({ type: "response.in_progress", response: result });
    },
    follow(event) {
      if (event.type === "started") {
        Object.assign(prompt, { tokens: event.prompt_tokens, cached: event.cached_tokens });
      }
      if (event.type === "token") output.addToken(event);
      if (event.type === "tool-call") output.addCall(event);
      if (event.type === "done") finish(event);
    },
    fail,
    result: () => result,
  };
}

function endOf(isCut: boolean, now: number) {
  if (!isCut) return { status: "completed", completed_at: now } as const;
  const details = { reason: "max_output_tokens" } as const;
  return { status: "incomplete", incomplete_details: details } as const;
}

interface PromptTokens {
  readonly tokens: number;
  readonly cached: number;
}

function usageOf(prompt: PromptTokens, generated: number): ResponseResult["usage"] {
  return {
    input_tokens: prompt.tokens,
    input_tokens_details: { cached_tokens: prompt.cached },
    output_tokens: generated,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: prompt.tokens + generated,
  };
}

// The few words that OpenAI has for it; the `error` event says it in ours.
function failureCode(code: string): string {
  if (code === "CONTEXT_EXCEEDED") return "invalid_prompt";
  const isBusy = code === "RATE_LIMITED" || code === "QUEUE_FULL" || code === "ALL_SLOTS_BUSY";
  return isBusy ? "rate_limit_exceeded" : "server_error";
}
