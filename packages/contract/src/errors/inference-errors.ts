import { z } from "zod";
import { defineError } from "./error-entry.ts";

const interrupted = z.object({
  node: z.string().optional(),
  worker_id: z.string().optional(),
  tokens_generated: z.int(),
  max_tokens: z.int().nullable(),
  exit_code: z.int().nullable().optional(),
  signal: z.string().nullable().optional(),
  /** The worker's hive is not heard any more either. */
  hive_lost: z.boolean().optional(),
});

function explainInterrupted(details: z.infer<typeof interrupted>): string[] {
  const total = details.max_tokens === null ? "" : ` / ${details.max_tokens}`;
  const ended = details.signal ?? (details.exit_code == null ? null : `code ${details.exit_code}`);
  return [
    ...(details.node === undefined ? [] : [`Node: ${details.node}`]),
    ...(ended === null ? [] : [`The worker ended with ${ended}.`]),
    ...(details.hive_lost === true ? ["Its rbee-hive is gone, and the worker with it."] : []),
    `Tokens generated: ${details.tokens_generated}${total}`,
  ];
}

/** What a model can do, or not, in the words of a sentence. */
const abilities = {
  generation: "generate text",
  chat: "take messages: its file has no chat template",
  embeddings: "embed texts",
  rerank: "rank documents",
  vision: "see images",
} as const;

/** What can go wrong with a request on its way. */
export const inferenceErrors = {
  SSE_CLOSED: defineError({
    status: 502,
    retryable: true,
    title: "stream closed early",
    details: interrupted,
    message: () => "The stream ended before the answer was complete.",
    explain: explainInterrupted,
    hint: ({ worker_id: id, hive_lost, node }) => {
      if (hive_lost === true && node !== undefined) {
        return [
          "Run it again; hive and worker are started anew.",
          `rbee-keeper logs --node ${node}`,
        ];
      }
      const look = id === undefined ? [] : [`rbee-keeper logs --worker ${id}`];
      return ["Run it again; the worker is started anew.", ...look];
    },
    source: "scenario 39",
  }),
  CONNECTION_LOST: defineError({
    status: 502,
    retryable: true,
    title: "connection lost",
    details: interrupted,
    message: () => "The connection went silent before the answer was complete.",
    explain: explainInterrupted,
    hint: () => ["Check the network to that machine, then run it again."],
    source: "spec 5",
  }),
  GENERATION_TIMEOUT: defineError({
    status: 504,
    retryable: true,
    title: "no token for too long",
    details: z.object({ seconds: z.number(), tokens_generated: z.int() }),
    message: ({ seconds }) => `No token came for ${seconds} s.`,
    explain: ({ tokens_generated: tokens }) => [`Tokens generated: ${tokens}`],
    hint: () => ["rbee-keeper workers list; a stuck worker: workers shutdown --id <id>"],
    source: "spec 6",
  }),
  REQUEST_TIMEOUT: defineError({
    status: 408,
    retryable: false,
    title: "deadline passed",
    details: z.object({ deadline: z.string() }),
    message: ({ deadline }) => `The deadline of the request has passed (${deadline}).`,
    hint: () => ["Give it more time: --timeout <seconds>"],
    source: "spec 4.1",
  }),
  REQUEST_CANCELED: defineError({
    status: 499,
    retryable: false,
    title: "cancelled",
    details: z.object({ tokens_generated: z.int().optional() }),
    message: () => "Canceled.",
    hint: () => ["Nothing to do; the slot is free again."],
    source: "scenario 40",
  }),
  INFERENCE_FAILED: defineError({
    status: 500,
    retryable: true,
    title: "engine error",
    details: z.object({ reason: z.string() }),
    message: () => "The engine failed while it generated.",
    explain: ({ reason }) => [`The engine says: ${reason}`],
    hint: () => ["rbee-keeper logs --worker <id>"],
    source: "spec 5",
  }),
  CONTEXT_EXCEEDED: defineError({
    status: 400,
    retryable: false,
    title: "context exceeded",
    details: z.object({
      prompt_tokens: z.int(),
      max_tokens: z.int().nullable(),
      context: z.int(),
    }),
    message: ({ prompt_tokens: prompt, max_tokens: wanted, context }) =>
      `${prompt} prompt tokens${wanted === null ? "" : ` and ${wanted} to generate`} ` +
      `do not fit the context of ${context} tokens.`,
    hint: () => ["A larger --context if the model has it, a shorter prompt, fewer --max-tokens."],
    source: "spec 5",
  }),
  CAPABILITY_MISSING: defineError({
    status: 400,
    retryable: false,
    title: "the model cannot do this",
    details: z.object({
      capability: z.enum(["generation", "chat", "embeddings", "rerank", "vision"]),
      model: z.string().optional(),
    }),
    message: ({ capability, model }) =>
      `${model === undefined ? "The model" : `The model ${model}`} cannot ${abilities[capability]}.`,
    hint: () => ["Ask a model that can; see: rbee-keeper models list"],
    source: "spec 4.2",
  }),
} as const;
