import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import type { z } from "zod";
import { chatFields } from "./chat-fields.ts";
import { ChatCompletionRequest } from "./chat-request.ts";
import { completionFields } from "./completion-fields.ts";
import { CompletionRequest } from "./completion-request.ts";
import { embeddingFields, rerankFields } from "./embedding-fields.ts";
import { OpenAiEmbeddingsRequest, OpenAiRerankRequest } from "./embedding-request.ts";
import type { FieldTable } from "./field-table.ts";

const client = dirname(createRequire(import.meta.url).resolve("openai"));

/** The fields of one request as OpenAI's own client declares them. */
function declaredFields(file: string, names: readonly string[]): string[] {
  const text = readFileSync(join(client, "resources", file), "utf8");
  return names.flatMap((name) => {
    const body = new RegExp(`export interface ${name}[^{]*\\{([\\s\\S]*?)\\n\\}`).exec(text)?.[1];
    assert.ok(body !== undefined, `${name} in ${file}`);
    return [...body.matchAll(/^ {4}(\w+)\??:/gm)].map(([, field = ""]) => field);
  });
}

interface Request {
  readonly table: FieldTable;
  readonly schema: z.ZodObject;
  readonly minimal: object;
}

const requests: Readonly<Record<string, Request>> = {
  chat: {
    table: chatFields,
    schema: ChatCompletionRequest,
    minimal: { model: "m", messages: [{ role: "user", content: "Hi" }] },
  },
  completion: {
    table: completionFields,
    schema: CompletionRequest,
    minimal: { model: "m", prompt: "Hi" },
  },
  embeddings: {
    table: embeddingFields,
    schema: OpenAiEmbeddingsRequest,
    minimal: { model: "m", input: "Hi" },
  },
  rerank: {
    table: rerankFields,
    schema: OpenAiRerankRequest,
    minimal: { model: "m", query: "Hi", documents: ["Ho"] },
  },
};

describe("the tables of OpenAI's fields", () => {
  it("have every field that the official client can send", () => {
    const cases = [
      ["chat/completions/completions.d.ts", "ChatCompletionCreateParamsBase", chatFields],
      ["completions.d.ts", "CompletionCreateParamsBase", completionFields],
      ["embeddings.d.ts", "EmbeddingCreateParams", embeddingFields],
    ] as const;
    for (const [file, name, table] of cases) {
      const fields = declaredFields(file, [name]);
      assert.ok(fields.length >= 5, name);
      const missing = fields.filter((field) => !Object.hasOwn(table, field));
      assert.deepEqual(missing, [], name);
    }
  });

  it("say what the schemas do: one field for each entry", () => {
    for (const { table, schema } of Object.values(requests)) {
      assert.deepEqual(Object.keys(schema.shape).toSorted(), Object.keys(table).toSorted());
    }
  });

  it("refuse by name what would change the answer, and take what says the same as nothing", () => {
    for (const { table, schema, minimal } of Object.values(requests)) {
      assert.ok(schema.safeParse(minimal).success);
      for (const [field, { treatment, neutral = [] }] of Object.entries(table)) {
        if (treatment === "honoured") continue;
        const odd = schema.safeParse({ ...minimal, [field]: { something: "odd" } });
        assert.equal(odd.success, treatment === "ignored", field);
        if (!odd.success) assert.deepEqual(odd.error.issues[0]?.path, [field]);
        for (const value of [null, ...neutral]) {
          assert.ok(schema.safeParse({ ...minimal, [field]: value }).success, field);
        }
      }
      const unknown = schema.safeParse({ ...minimal, invented: 1 });
      assert.deepEqual(unknown.error?.issues[0]?.code, "unrecognized_keys");
    }
  });
});
