import { honoured, ignored, refused } from "./field-table.ts";
import type { FieldTable } from "./field-table.ts";

const notKept = "rbee keeps no conversations; send the earlier items as input";
const noBackground = "rbee keeps no answers; stream it";

/** Every field of `POST /v1/responses`. */
export const responsesFields = {
  model: honoured("a reference (`hf:org/repo`, `hello-bee`, `file:/...`) or an alias"),
  input: honoured("a text, or messages, function calls and what they returned; text only"),
  instructions: honoured("a system message before the input"),
  max_output_tokens: honoured("capped by what is left of the context; all of it without"),
  temperature: honoured("0 to 2; the model's own without it"),
  top_p: honoured("0 to 1"),
  tools: honoured("functions; arguments are always held to the schema, `strict` or not"),
  tool_choice: honoured("`auto`, `none`, `required`, one function, or `allowed_tools`"),
  parallel_tool_calls: honoured("false: one call at most"),
  text: honoured("`format`: `text`, `json_object`, `json_schema`, enforced while generating"),
  top_logprobs: honoured("0 to 20, with `include`"),
  include: honoured("`message.output_text.logprobs`; the others name what never occurs here"),
  stream: honoured("server-sent events"),
  stream_options: honoured("`include_obfuscation`: false, since nothing is padded"),
  metadata: honoured("echoed, not stored"),
  user: honoured("echoed; keys tell who asks"),
  safety_identifier: honoured("echoed; nobody is reported"),
  prompt_cache_key: honoured("echoed; prompts are cached by what they say"),
  rbee: honoured("an extension: see below"),
  prompt_cache_options: ignored("the cache is the worker's memory"),
  prompt_cache_retention: ignored("the cache is the worker's memory"),
  service_tier: ignored("there is one tier; see `rbee.priority`"),
  store: refused("rbee keeps no answers; leave it out or say false", false),
  truncation: refused("what does not fit is refused; send fewer items", "disabled"),
  previous_response_id: refused(notKept),
  conversation: refused(notKept),
  background: refused(noBackground, false),
  background_options: refused(noBackground),
  prompt: refused("rbee keeps no prompt templates"),
  reasoning: refused("models think as much as they do", {}, { effort: "none" }, { effort: null }),
  max_tool_calls: refused("functions are called by the client"),
  context_management: refused("nothing is compacted", []),
  moderation: refused("there is no moderation"),
  access_programs: refused("there are none"),
  image: refused("models make text only"),
} as const satisfies FieldTable;
