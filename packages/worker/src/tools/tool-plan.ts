import type { InferenceRequest } from "@rbee/contract";
import type { Tool } from "../engine.ts";
import type { ToolSyntax } from "./tool-syntax.ts";

/** What an answer may or must call. */
export interface ToolPlan {
  readonly syntax: ToolSyntax;
  readonly tools: readonly Tool[];
  readonly mustCall: boolean;
  /** The one function that is called; all may be, where it is absent. */
  readonly onlyName: string | undefined;
  readonly isParallel: boolean;
}

type ToolWishes = Pick<InferenceRequest, "tools" | "tool_choice" | "parallel_tool_calls">;

/** The plan of a request; none where nothing is to be called. */
export function planTools(wishes: ToolWishes, syntax: ToolSyntax): ToolPlan | undefined {
  const { tools = [], tool_choice: choice = "auto" } = wishes;
  if (tools.length === 0 || choice === "none") return undefined;
  return {
    syntax,
    tools: tools.map(toolFromWire),
    mustCall: choice !== "auto",
    onlyName: typeof choice === "object" ? choice.name : undefined,
    isParallel: wishes.parallel_tool_calls !== false,
  };
}

function toolFromWire(tool: NonNullable<ToolWishes["tools"]>[number]): Tool {
  const { name, description, parameters } = tool;
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : { parameters }),
  };
}
