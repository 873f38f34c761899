import { RbeeError } from "@rbee/contract";
import type { workerRoutes } from "@rbee/contract";
import type { Handler } from "@rbee/daemon";
import type { Engine } from "../engine.ts";
import { answerVectors, readTokens, requireFit } from "./vector-request.ts";
import type { VectorPorts } from "./vector-request.ts";

/** Embeds one text after the other; between two of them it may be cancelled. */
export function embedTexts(ports: VectorPorts): Handler<typeof workerRoutes.embed> {
  return async (call) => {
    const { body } = call;
    const texts = typeof body.input === "string" ? [body.input] : body.input;
    return await answerVectors(ports, {
      call,
      outcome: "EMBEDDED",
      field: "input",
      compute: async (engine, ended) => await embedAll(engine, texts, ended),
    });
  };
}

async function embedAll(engine: Engine, texts: readonly string[], signal: AbortSignal) {
  if (!engine.facts.canEmbed) {
    throw new RbeeError("CAPABILITY_MISSING", { capability: "embeddings" });
  }
  const embeddings: number[][] = [];
  let promptTokens = 0;
  for (const text of texts) {
    const tokens = await readTokens(engine, text);
    const count = await engine.countEmbedTokens(tokens);
    requireFit(engine, count);
    embeddings.push([...(await engine.embed(tokens, signal))]);
    promptTokens += count;
  }
  return { embeddings, prompt_tokens: promptTokens };
}
