import type { ChatMessageOnWire, TaskRequest } from "@rbee/contract";
import type { GenerationValues } from "./generation-flags.ts";

interface TaskInput {
  readonly flags: GenerationValues;
  /** Chosen here, so that the task can be cancelled before its first event. */
  readonly taskId: string;
  /** Raw text without a chat template, or a conversation. */
  readonly content:
    | { readonly prompt: string }
    | { readonly messages: readonly ChatMessageOnWire[] };
}

/** The body of `POST /v2/tasks`: only what the person said; the rest is the model's business. */
export function buildTaskRequest({ flags, taskId, content }: TaskInput): TaskRequest {
  const given = {
    node: flags.node,
    model: flags.model,
    backend: flags.backend,
    device: flags.device,
    context: flags.context,
    max_tokens: flags.maxTokens,
    temperature: flags.temperature,
    top_p: flags.topP,
    top_k: flags.topK,
    min_p: flags.minP,
    repetition_penalty: flags.repetitionPenalty,
    seed: flags.seed,
    stop: flags.stop.length === 0 ? undefined : [...flags.stop],
    wait: flags.noWait ? false : undefined,
  };
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  const text =
    "prompt" in content ? { prompt: content.prompt } : { messages: [...content.messages] };
  return { ...text, job_id: taskId, ...(Object.fromEntries(known) as Partial<TaskRequest>) };
}

/** A prompt as a conversation of one turn. */
export function messagesOf(system: string | undefined, prompt: string): ChatMessageOnWire[] {
  const user = { role: "user", content: prompt } as const;
  return system === undefined ? [user] : [{ role: "system", content: system }, user];
}
