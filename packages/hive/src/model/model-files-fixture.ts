// What the tests of this room share: small GGUF files in a folder of their own.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeGguf } from "@rbee/testkit";
import type { GgufTensor, GgufValue } from "@rbee/testkit";
import type { ModelStore } from "../ports.ts";
import { createHubProvider } from "./create-hub-provider.ts";
import type { ModelProvider } from "./model-provider.ts";

export function makeFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "rbee-models-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

const metadata: Readonly<Record<string, GgufValue>> = {
  "general.architecture": "llama",
  "general.file_type": 15,
  "llama.context_length": 4096,
  "llama.block_count": 2,
  "llama.embedding_length": 256,
  "llama.attention.head_count": 8,
  "llama.attention.head_count_kv": 2,
  "tokenizer.ggml.tokens": ["<s>", "</s>", "a"],
  "tokenizer.ggml.eos_token_id": 1,
  "tokenizer.chat_template": "{{ messages }}",
};

export const weights: GgufTensor = {
  name: "token_embd.weight",
  dimensions: [256, 3],
  type: "Q4_K",
  fill: "random",
};

export interface FileChanges {
  readonly metadata?: Readonly<Record<string, GgufValue | undefined>>;
  readonly tensors?: readonly GgufTensor[];
}

/** Writes a whole little model, with changes; undefined takes a value away. */
export function writeModel(path: string, changes: FileChanges = {}): number {
  const values = Object.entries({ ...metadata, ...changes.metadata });
  const known = values.filter((entry): entry is [string, GgufValue] => entry[1] !== undefined);
  return writeGguf(path, {
    metadata: Object.fromEntries(known),
    tensors: changes.tensors ?? [weights],
  });
}

/** A provider for the hub that has nowhere to go. */
export function createOfflineHub(store: ModelStore, modelsFolder: string): ModelProvider<"hf"> {
  return createHubProvider({
    node: "localhost",
    store,
    modelsFolder,
    readFreeBytes: async () => Number.MAX_SAFE_INTEGER,
    limitBytes: () => undefined,
    access: () => ({ endpoint: "http://127.0.0.1:1", token: undefined, proxies: {} }),
    stallMs: () => 1000,
  });
}

export async function collectAll<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
