import { randomUUID } from "node:crypto";
import { EmbeddingsResult } from "@rbee/contract";
import type { OpenAiEmbeddingsRequest } from "@rbee/contract";
import type { HttpWorld, QueenHandler } from "../http-world.ts";
import { refusal } from "./chat-to-task.ts";
import { runComputation } from "./run-computation.ts";

/** OpenAI's embeddings. */
export function createEmbeddings(world: HttpWorld): QueenHandler<"createEmbeddings"> {
  return async (call) => {
    const { input, model, encoding_format: format, rbee } = call.body;
    const result = EmbeddingsResult.parse(
      await runComputation(world, {
        id: `embd-${randomUUID().replaceAll("-", "")}`,
        call,
        request: { ...rbee, model },
        computation: { operation: "embed", body: { input } },
      }),
    );
    requireDimensions(call.body, result.embeddings[0]?.length ?? 0);
    const encode = format === "base64" ? encodeVector : (vector: number[]) => vector;
    return {
      object: "list",
      data: result.embeddings.map((vector, index) => ({
        object: "embedding",
        index,
        embedding: encode(vector),
      })),
      model,
      usage: { prompt_tokens: result.prompt_tokens, total_tokens: result.prompt_tokens },
    };
  };
}

// A cut vector is another one unless its model was made for that, which nobody here can know.
function requireDimensions({ dimensions }: OpenAiEmbeddingsRequest, length: number): void {
  if (dimensions === null || dimensions === undefined || dimensions === length) return;
  throw refusal("dimensions", `must be ${length}, which is what this model has`);
}

// 32-bit floats, little-endian, as the clients read them on all machines that we know.
function encodeVector(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * Float32Array.BYTES_PER_ELEMENT);
  for (const [index, value] of vector.entries()) {
    bytes.writeFloatLE(value, index * Float32Array.BYTES_PER_ELEMENT);
  }
  return bytes.toString("base64");
}
