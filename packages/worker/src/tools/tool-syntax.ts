/** How a model writes function calls, as its chat template shows it. */
export type ToolSyntax =
  /** `<tool_call>{"name": ..., "arguments": {...}}</tool_call>`: Hermes, Qwen and many others. */
  | "hermes"
  /** An answer that is `{"name": ..., "parameters": {...}}`: Llama 3. */
  | "llama"
  /** `[TOOL_CALLS][{"name": ..., "arguments": {...}}]`: Mistral. */
  | "mistral"
  /** `[TOOL_CALLS]name[ARGS]{...}`: Mistral since the end of 2024. */
  | "mistral-args"
  /** The template knows no tools, or writes them in a way of its own: we describe them, as Hermes. */
  | "generic";

/** Finds out from the template's source; undefined where there is no template. */
export function detectToolSyntax(template: string | undefined): ToolSyntax | undefined {
  if (template === undefined) return undefined;
  if (!/\btools\b/.test(template)) return "generic";
  if (template.includes("[TOOL_CALLS]")) {
    return template.includes("[ARGS]") ? "mistral-args" : "mistral";
  }
  // Others write functions and parameters as tags inside of it.
  if (/<tool_call>(?:\\n|[^\w<>])*"(?:name|arguments)/.test(template)) return "hermes";
  return template.includes('"parameters": ') && template.includes("ipython") ? "llama" : "generic";
}

/** Texts of control tokens that frame calls; they belong to what a model says. */
export const toolMarkers: readonly string[] = [
  "<tool_call>",
  "</tool_call>",
  "<|python_tag|>",
  "[TOOL_CALLS]",
  "[CALL_ID]",
  "[ARGS]",
];
