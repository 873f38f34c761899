import { sizes } from "@rbee/contract";
import { GrammarRules, oneOf, spellText } from "../grammar/grammar-rules.ts";
import { SchemaRules } from "../grammar/schema-rules.ts";
import { addOpeningRules, addTextRules } from "../grammar/text-rules.ts";
import type { Tool } from "../engine.ts";
import type { ToolPlan } from "./tool-plan.ts";

/** One function in the words of a grammar. */
interface SpelledTool {
  readonly name: string;
  /** The rule for its arguments. */
  readonly arguments: string;
}

/**
 * The grammar of an answer that calls functions, or may. Calls are held to the schemas of their
 * functions, as far as a grammar can say them; text before the first call is free.
 */
export function buildToolGrammar(plan: ToolPlan): string {
  const rules = new GrammarRules();
  const tools = plan.tools
    .filter(({ name }) => plan.onlyName === undefined || plan.onlyName === name)
    .map((tool) => ({ name: tool.name, arguments: addArguments(rules, tool) }));
  const spelled = { rules, tools, more: plan.isParallel ? sizes.toolCallsMax - 1 : 0 };
  return rules.render(spellAnswer(spelled, plan));
}

interface Spelled {
  readonly rules: GrammarRules;
  readonly tools: readonly SpelledTool[];
  /** Calls after the first. */
  readonly more: number;
}

function spellAnswer(spelled: Spelled, { syntax, mustCall }: ToolPlan): string {
  const { rules } = spelled;
  if (syntax === "llama") {
    return mustCall ? spellLlamaCall(spelled) : addOpeningRules(rules, listOpenings(spelled));
  }
  const isMistral = syntax === "mistral" || syntax === "mistral-args";
  const text = isMistral ? "[TOOL_CALLS]" : "<tool_call>";
  const next = rules.add(isMistral ? spellMistral(spelled, syntax) : spellHermes(spelled));
  return mustCall ? `${spellText(text)} ${next}` : addTextRules(rules, [{ text, next }]);
}

// What a schema says and a grammar cannot is left to the model: a function's schema describes it
// first of all, and clients judge the arguments anyway.
function addArguments(rules: GrammarRules, { parameters }: Tool): string {
  const schema = parameters ?? { properties: {} };
  const isTyped = ["type", "$ref", "anyOf", "oneOf", "allOf"].some((keyword) => keyword in schema);
  const root = isTyped ? schema : { ...schema, type: "object" };
  return new SchemaRules(rules, root, { isEveryPropertyWritten: false }).addRoot();
}

function spellHermes({ rules, tools, more }: Spelled): string {
  const one = addObjects(rules, tools, "arguments");
  const next = `"\\n"? "<tool_call>" "\\n"? ${one} "\\n"? "</tool_call>"`;
  return `"\\n"? ${one} "\\n"? "</tool_call>" ( ${next} ){0,${more}} "\\n"?`;
}

function spellMistral({ rules, tools, more }: Spelled, syntax: "mistral" | "mistral-args"): string {
  if (syntax === "mistral") {
    const one = addObjects(rules, tools, "arguments");
    return `" "? "[" ${one} ( "," " "? ${one} ){0,${more}} "]"`;
  }
  const one = rules.add(
    tools.map((tool) => `${spellText(`${tool.name}[ARGS]`)} ${tool.arguments}`).join(" | "),
  );
  return `${one} ( "[TOOL_CALLS]" ${one} ){0,${more}}`;
}

// Llama's template can show one call only, so one is all it may make.
function spellLlamaCall({ rules, tools }: Spelled): string {
  return `"<|python_tag|>"? ${addObjects(rules, tools, "parameters")}`;
}

function listOpenings(spelled: Spelled) {
  const { rules, tools } = spelled;
  const objects = tools.flatMap((tool) => {
    const next = rules.add(spellRest(tool, "parameters"));
    return [`{"name": "${tool.name}"`, `{"name":"${tool.name}"`].map((text) => ({ text, next }));
  });
  const tagged = rules.add(addObjects(rules, tools, "parameters"));
  return [...objects, { text: "<|python_tag|>", next: tagged }];
}

function addObjects(rules: GrammarRules, tools: readonly SpelledTool[], key: string): string {
  const objects = tools.map(
    (tool) => `"{" " "? "\\"name\\":" " "? ${spellText(`"${tool.name}"`)} ${spellRest(tool, key)}`,
  );
  return rules.add(oneOf(objects));
}

function spellRest(tool: SpelledTool, key: string): string {
  return `"," " "? ${spellText(`"${key}":`)} " "? ${tool.arguments} " "? "}"`;
}
