import { z } from "zod";
import { ToolCallOnWire } from "../inference.ts";
import { OpenAiUsage } from "./usage.ts";

const TokenLogprob = z.object({
  token: z.string(),
  logprob: z.number(),
  bytes: z.array(z.int()).nullable(),
});

/** One token of a chat with its alternatives. */
export const ChatLogprob = TokenLogprob.extend({ top_logprobs: z.array(TokenLogprob) });
export type ChatLogprob = z.infer<typeof ChatLogprob>;

const Logprobs = z.object({ content: z.array(ChatLogprob), refusal: z.null() });

export const ChatFinishReason = z.enum(["stop", "length", "tool_calls"]);
export type ChatFinishReason = z.infer<typeof ChatFinishReason>;

/** The answer of `POST /v1/chat/completions`. */
export const ChatCompletion = z.object({
  id: z.string(),
  object: z.literal("chat.completion"),
  created: z.int(),
  model: z.string(),
  choices: z.array(
    z.object({
      index: z.int(),
      message: z.object({
        role: z.literal("assistant"),
        /** Null when the model only calls functions. */
        content: z.string().nullable(),
        refusal: z.null(),
        tool_calls: z.array(ToolCallOnWire).optional(),
      }),
      logprobs: Logprobs.nullable(),
      finish_reason: ChatFinishReason,
    }),
  ),
  usage: OpenAiUsage,
});
export type ChatCompletion = z.infer<typeof ChatCompletion>;

/** One event of the stream; an error is `{error}` instead, and the last one. */
export const ChatCompletionChunk = z.object({
  id: z.string(),
  object: z.literal("chat.completion.chunk"),
  created: z.int(),
  model: z.string(),
  /** Empty in the one that carries the usage. */
  choices: z.array(
    z.object({
      index: z.int(),
      delta: z.object({
        role: z.literal("assistant").optional(),
        content: z.string().optional(),
        tool_calls: z
          .array(
            z.object({
              index: z.int(),
              id: z.string().optional(),
              type: z.literal("function").optional(),
              function: z.object({ name: z.string().optional(), arguments: z.string() }),
            }),
          )
          .optional(),
      }),
      logprobs: Logprobs.nullable(),
      finish_reason: ChatFinishReason.nullable(),
    }),
  ),
  usage: OpenAiUsage.nullish(),
});
export type ChatCompletionChunk = z.infer<typeof ChatCompletionChunk>;
