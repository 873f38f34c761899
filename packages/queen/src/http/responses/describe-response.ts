import type { ResponseRequest, ResponseResult } from "@rbee/contract";

interface ResponseHead {
  readonly id: string;
  readonly createdAt: number;
}

/** A response before anything is in it: what was asked, as OpenAI's clients read it back. */
export function describeResponse(
  request: ResponseRequest,
  { id, createdAt }: ResponseHead,
): ResponseResult {
  return {
    id,
    object: "response",
    created_at: createdAt,
    status: "in_progress",
    completed_at: null,
    error: null,
    incomplete_details: null,
    output: [],
    usage: null,
    ...echoOf(request),
    ...notHere,
  };
}

const notHere = {
  max_tool_calls: null,
  previous_response_id: null,
  conversation: null,
  reasoning: { effort: null, summary: null },
  service_tier: "default",
  background: false,
  store: false,
  truncation: "disabled",
} as const;

function echoOf(request: ResponseRequest) {
  return {
    model: request.model,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    temperature: request.temperature ?? null,
    top_p: request.top_p ?? null,
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    tool_choice: request.tool_choice ?? "auto",
    tools: (request.tools ?? []).map((tool) => ({ ...tool })),
    text: { format: { ...(request.text?.format ?? { type: "text" }) }, verbosity: "medium" },
    top_logprobs: request.top_logprobs ?? 0,
    prompt_cache_key: request.prompt_cache_key ?? null,
    safety_identifier: request.safety_identifier ?? null,
    user: request.user ?? null,
    metadata: request.metadata ?? {},
  } as const;
}
