import type { ModelCapabilities } from "@rbee/contract";
import type { ModelFacts } from "../engine.ts";

/** What a model can do, as others are told. */
export function listCapabilities(facts: ModelFacts): ModelCapabilities {
  const { canGenerate, canEmbed, canRank, hasChatTemplate, toolSyntax } = facts;
  return {
    generation: canGenerate,
    chat: canGenerate && hasChatTemplate,
    tools: canGenerate ? (toolSyntax ?? null) : null,
    embeddings: canEmbed,
    rerank: canRank,
    vision: false,
  };
}
