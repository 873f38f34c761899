import type { SharedOpenAiRequest, TaskRequest } from "@rbee/contract";

/** A task whose model is named, as OpenAI's clients always do. */
export type NamedTask = TaskRequest & { readonly model: string };

const seedCount = 2 ** 32;

/** What all completions have in common, as a task of ours asks for it; `choice` counts the answers. */
export function sharedToTask(body: SharedOpenAiRequest, choice: number): NamedTask {
  const { narration: _narration, ...placement } = body.rbee ?? {};
  const { stop, seed } = body;
  return {
    ...placement,
    model: body.model,
    temperature: body.temperature ?? undefined,
    top_p: body.top_p ?? undefined,
    top_k: body.top_k ?? undefined,
    min_p: body.min_p ?? undefined,
    repetition_penalty: body.repetition_penalty ?? undefined,
    frequency_penalty: body.frequency_penalty ?? undefined,
    presence_penalty: body.presence_penalty ?? undefined,
    logit_bias: body.logit_bias ?? undefined,
    stop: typeof stop === "string" ? [stop] : (stop ?? undefined),
    seed: typeof seed === "number" ? seedOf(seed + choice) : undefined,
    max_tokens_capped: true,
  };
}

// Theirs are any whole numbers, the engine's have 32 bits.
function seedOf(seed: number): number {
  return ((seed % seedCount) + seedCount) % seedCount;
}
