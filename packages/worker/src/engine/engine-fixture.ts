// What the engine's tests share: the bundled model, its reference outputs, and how to collect a
// generation.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type {
  ChatMessage,
  Engine,
  GenerateEvent,
  GenerateRequest,
  Sampling,
  StopReason,
} from "../engine.ts";
import { openEngine } from "./llama-engine.ts";

const modelFolder = fileURLToPath(new URL("../../../../models/hello-bee/", import.meta.url));

export const modelPath = `${modelFolder}hello-bee-3m-f16.gguf`;

export interface Reference {
  readonly texts: readonly { readonly text: string; readonly ids: readonly number[] }[];
  readonly prompts: readonly {
    readonly plain?: string;
    readonly chat?: readonly (readonly [role: ChatMessage["role"], content: string])[];
    readonly ids: readonly number[];
    readonly output: readonly number[];
    readonly text: string;
  }[];
}

/** Ids and greedy texts that PyTorch gave for the same weights. */
export const reference = JSON.parse(
  readFileSync(`${modelFolder}reference.json`, "utf8"),
) as Reference;

export const greedy: Sampling = {
  temperature: 0,
  topP: 1,
  topK: 0,
  minP: 0,
  repetitionPenalty: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
};

export async function openHelloBee(slots: number, contextSize = 1024): Promise<Engine> {
  return await openEngine({
    modelPath,
    backend: "cpu",
    device: 0,
    slots,
    contextSize,
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });
}

export function buildRequest(
  promptTokens: readonly number[],
  changes: Partial<GenerateRequest> = {},
): GenerateRequest {
  const signal = new AbortController().signal;
  return { promptTokens, maxTokens: 400, sampling: greedy, stop: [], signal, ...changes };
}

export interface Collected {
  readonly text: string;
  readonly events: readonly GenerateEvent[];
  readonly countSum: number;
  readonly cachedTokens: number;
  readonly generatedTokens: number;
  readonly stopReason: StopReason;
}

export async function collect(events: AsyncIterable<GenerateEvent>): Promise<Collected> {
  const collected: GenerateEvent[] = [];
  for await (const event of events) collected.push(event);
  const first = collected[0];
  const last = collected.at(-1);
  if (first?.type !== "started" || last?.type !== "end") throw new Error("not a whole generation");
  const tokens = collected.filter((event) => event.type === "token");
  return {
    text: tokens.map((event) => event.text).join(""),
    events: collected,
    countSum: tokens.reduce((sum, event) => sum + event.count, 0),
    cachedTokens: first.cachedTokens,
    generatedTokens: last.generatedTokens,
    stopReason: last.stopReason,
  };
}
