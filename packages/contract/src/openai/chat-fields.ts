import { honoured, ignored, refused } from "./field-table.ts";
import type { FieldTable } from "./field-table.ts";

/** What both kinds of completion treat alike. */
export const sharedFields = {
  model: honoured("a reference (`hf:org/repo`, `hello-bee`, `file:/...`) or an alias"),
  stream: honoured("server-sent events"),
  stream_options: honoured("`include_usage`; `include_obfuscation` is ignored"),
  n: honoured("answers to one prompt; together with several prompts at most 16"),
  seed: honoured("any whole number; choice `i` uses `seed + i`"),
  stop: honoured("a text or up to 4, of 100 characters each"),
  temperature: honoured("0 to 2; the model's own without it"),
  top_p: honoured("0 to 1"),
  frequency_penalty: honoured("-2 to 2"),
  presence_penalty: honoured("-2 to 2"),
  logit_bias: honoured("token ids of this model, as `/v1/tokenize` of its worker gives them"),
  top_k: honoured("an extension: so many most likely tokens, 0 for all"),
  min_p: honoured("an extension: 0 to 1"),
  repetition_penalty: honoured("an extension: 0 to 2"),
  rbee: honoured("an extension: see below"),
  user: ignored("keys tell who asks"),
} as const satisfies FieldTable;

/** Every field of `POST /v1/chat/completions`. */
export const chatFields = {
  ...sharedFields,
  messages: honoured("system, developer (as system), user, assistant, tool; text only"),
  max_completion_tokens: honoured("capped by what is left of the context; all of it without"),
  max_tokens: honoured("the older name of `max_completion_tokens`"),
  tools: honoured("functions; `strict` is ignored, since arguments are always held to the schema"),
  tool_choice: honoured("`auto`, `none`, `required` or one function"),
  parallel_tool_calls: honoured("false: one call at most"),
  response_format: honoured("`text`, `json_object`, `json_schema`, enforced while generating"),
  logprobs: honoured("of every token"),
  top_logprobs: honoured("0 to 20; needs `logprobs`"),
  metadata: ignored("nothing is stored"),
  safety_identifier: ignored("nobody is reported"),
  service_tier: ignored("there is one tier; see `rbee.priority`"),
  prediction: ignored("it may make an answer faster, never another one"),
  prompt_cache_key: ignored("prompts are cached by what they say"),
  prompt_cache_options: ignored("the cache is the worker's memory"),
  prompt_cache_retention: ignored("the cache is the worker's memory"),
  store: refused("nothing is stored", false),
  audio: refused("models make text only"),
  modalities: refused("models make text only", ["text"], []),
  moderation: refused("there is no moderation"),
  web_search_options: refused("nothing is searched"),
  reasoning_effort: refused("models think as much as they do", "none"),
  verbosity: refused("ask for it in the prompt", "medium"),
  functions: refused("use tools", []),
  function_call: refused("use tool_choice", "none", "auto"),
} as const satisfies FieldTable;
