import { randomUUID } from "node:crypto";
import { RerankResult } from "@rbee/contract";
import type { OpenAiRerankRequest } from "@rbee/contract";
import type { HttpWorld, QueenHandler } from "../http-world.ts";
import { runComputation } from "./run-computation.ts";

/** Documents by their relevance for a query, as Cohere's and Jina's clients expect them. */
export function rerankDocuments(world: HttpWorld): QueenHandler<"rerank"> {
  return async (call) => {
    const { model, query, top_n: best, return_documents: hasTexts, rbee } = call.body;
    const id = `rerank-${randomUUID().replaceAll("-", "")}`;
    const documents = call.body.documents.map(textOf);
    const result = RerankResult.parse(
      await runComputation(world, {
        id,
        call,
        request: { ...rbee, model },
        computation: { operation: "rerank", body: { query, documents } },
      }),
    );
    const results = result.results
      .toSorted((left, right) => right.relevance_score - left.relevance_score)
      .slice(0, best ?? undefined)
      .map((entry) => ({
        ...entry,
        ...(hasTexts === true ? { document: { text: documents[entry.index] ?? "" } } : {}),
      }));
    const usage = { prompt_tokens: result.prompt_tokens, total_tokens: result.prompt_tokens };
    return { id, object: "list", model, results, usage };
  };
}

function textOf(document: OpenAiRerankRequest["documents"][number]): string {
  return typeof document === "string" ? document : document.text;
}
