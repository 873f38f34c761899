import { RbeeError } from "@rbee/contract";
import type { workerRoutes } from "@rbee/contract";
import type { Handler } from "@rbee/daemon";
import type { Engine } from "../engine.ts";
import { answerVectors, readTokens, requireFit } from "./vector-request.ts";
import type { VectorPorts } from "./vector-request.ts";

/** Judges one document after the other; between two of them it may be cancelled. */
export function rerankDocuments(ports: VectorPorts): Handler<typeof workerRoutes.rerank> {
  return async (call) =>
    await answerVectors(ports, {
      call,
      outcome: "RANKED",
      field: "documents",
      compute: async (engine, ended) => await rankAll(engine, call.body, ended),
    });
}

interface Ranking {
  readonly query: string;
  readonly documents: readonly string[];
}

async function rankAll(engine: Engine, ranking: Ranking, signal: AbortSignal) {
  if (!engine.facts.canRank) throw new RbeeError("CAPABILITY_MISSING", { capability: "rerank" });
  const query = await readTokens(engine, ranking.query);
  const results: { index: number; relevance_score: number }[] = [];
  let promptTokens = 0;
  for (const [index, text] of ranking.documents.entries()) {
    const pair = { query, document: await readTokens(engine, text) };
    const count = await engine.countRankTokens(pair);
    requireFit(engine, count);
    results.push({ index, relevance_score: await engine.rank(pair, signal) });
    promptTokens += count;
  }
  return { results, prompt_tokens: promptTokens };
}
