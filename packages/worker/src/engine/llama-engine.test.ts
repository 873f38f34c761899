// Goal: the engine gives what PyTorch gives for the same weights, and each field of a request has
// its effect. The model is real; at temperature 0 every text is known.
import assert from "node:assert/strict";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { after, before, describe, test } from "node:test";
import type { Engine, GenerateEvent, LoadProgress } from "../engine.ts";
import {
  buildRequest,
  collect,
  greedy,
  modelPath,
  openHelloBee,
  reference,
} from "./engine-fixture.ts";
import { estimateEngineMemory, openEngine } from "./llama-engine.ts";

let engine: Engine;
before(async () => {
  engine = await openHelloBee(4);
});
after(async () => {
  await engine.close();
});

const story = reference.prompts[0]?.ids ?? [];
const storyText = reference.prompts[0]?.text ?? "";
const sampled = { ...greedy, temperature: 0.8, topK: 40, topP: 0.95, minP: 0.05 };

function renderMessages(chat: readonly (readonly [string, string])[]): readonly number[] {
  return engine.renderChat(chat.map(([role, content]) => ({ role: role as "user", content })));
}

async function loadWith(changes: Partial<Parameters<typeof openEngine>[0]>): Promise<Engine> {
  const signal = new AbortController().signal;
  const onProgress = (): void => undefined;
  const options = { modelPath, backend: "cpu", device: 0, slots: 1, contextSize: 512 };
  return await openEngine({ ...options, signal, onProgress, ...changes });
}

describe("tokens", () => {
  for (const { text, ids } of reference.texts) {
    test(`${JSON.stringify(text)} has the reference ids and turns back into the same text`, () => {
      assert.deepEqual(engine.tokenize(text), ids);
      assert.equal(engine.detokenize(ids), text);
    });
  }

  test("chats are rendered to exactly the reference ids", () => {
    const chats = reference.prompts.flatMap(({ chat, ids }) => (chat ? [{ chat, ids }] : []));
    assert.equal(chats.length, 15);
    for (const { chat, ids } of chats) assert.deepEqual(renderMessages(chat), ids);
  });

  test("a message that spells a special token stays text", () => {
    const [end] = engine.tokenize("<|im_end|>", { parseSpecial: true });
    const ids = renderMessages([["user", "Hi<|im_end|> there"]]);
    assert.equal(ids.filter((id) => id === end).length, 1);
    assert.match(engine.detokenize(ids), /Hi<\|im_end\|> there/);
  });

  test("a prepared prompt begins with the begin token once, as text and as chat", async () => {
    const plain = await engine.preparePrompt({ text: "Once upon a time" });
    assert.deepEqual(plain, { fits: true, tokens: story });
    const messages = [{ role: "user", content: "Hello" }] as const;
    const chat = await engine.preparePrompt({ messages });
    assert.deepEqual(chat, { fits: true, tokens: engine.renderChat(messages) });
  });

  test("a text that cannot fit is refused without being tokenized", async () => {
    const text = "bee ".repeat(1_000_000);
    const startMs = performance.now();
    const prepared = await engine.preparePrompt({ text });
    assert.equal(prepared.fits, false);
    assert.ok(performance.now() - startMs < 50);
  });
});

describe("greedy texts", () => {
  for (const { plain, chat, ids, text } of reference.prompts) {
    const title = plain ?? (chat ?? []).map(([, content]) => content).join(" / ");
    test(`"${title}" continues as PyTorch does`, async () => {
      const generated = await collect(engine.generate(buildRequest(ids)));
      assert.equal(generated.text, text);
      assert.equal(generated.stopReason, "EOS");
      assert.equal(generated.countSum, generated.generatedTokens);
    });
  }
});

describe("loading", () => {
  test("progress rises layer by layer to the total", async () => {
    const seen: LoadProgress[] = [];
    const loaded = await loadWith({ onProgress: (progress) => seen.push(progress) });
    await loaded.close();
    const last = seen.at(-1);
    assert.equal(last?.layersTotal, 7);
    assert.equal(last?.layersLoaded, 7);
    assert.ok(Math.abs((last?.loadedMb ?? 0) - 5.5) < 0.1);
    assert.equal(seen[0]?.layersLoaded, 0);
    const layers = seen.map(({ layersLoaded }) => layersLoaded);
    assert.deepEqual(
      layers,
      layers.toSorted((one, other) => one - other),
    );
  });

  test("an aborted signal ends loading with its reason", async () => {
    const controller = new AbortController();
    const reason = new Error("not wanted any more");
    const loading = loadWith({
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    });
    await assert.rejects(loading, reason);
  });

  test("the facts are those of the model card", () => {
    assert.equal(engine.facts.architecture, "llama");
    assert.equal(engine.facts.trainedContextSize, 1024);
    assert.equal(engine.facts.contextSize, 1024);
    assert.equal(engine.facts.vocabularySize, 2048);
    assert.equal(engine.facts.layers, 6);
    assert.equal(engine.facts.hasChatTemplate, true);
    assert.equal(engine.slotsTotal, 4);
  });

  test("the context is no longer than the model was trained for", async () => {
    const loaded = await loadWith({ contextSize: 1_000_000 });
    assert.equal(loaded.facts.contextSize, 1024);
    await loaded.close();
  });

  test("a given number of threads is kept to and gives the same text", async () => {
    const loaded = await loadWith({ threads: 2 });
    const { text } = await collect(loaded.generate(buildRequest(story, { maxTokens: 12 })));
    assert.ok(storyText.startsWith(text) && text !== "");
    await loaded.close();
  });

  test("the memory estimate is near the memory of the loaded model", async () => {
    const options = { modelPath, backend: "cpu", device: 0, slots: 4, contextSize: 1024 };
    const { memoryBytes } = await estimateEngineMemory(options);
    const ratio = memoryBytes / engine.memoryBytes;
    assert.ok(ratio > 0.7 && ratio < 1.5, `${memoryBytes} against ${engine.memoryBytes}`);
  });

  test("more slots need more memory", async () => {
    const options = { modelPath, backend: "cpu", device: 0, contextSize: 1024 };
    const one = await estimateEngineMemory({ ...options, slots: 1 });
    const eight = await estimateEngineMemory({ ...options, slots: 8 });
    assert.ok(eight.memoryBytes > one.memoryBytes + 7 * 4_000_000);
  });

  test("a backend that is not installed is unavailable", async () => {
    await assert.rejects(loadWith({ backend: "cuda" }), { failure: "backend-unavailable" });
    await assert.rejects(loadWith({ backend: "abacus" }), { failure: "backend-unavailable" });
  });
});

describe("sampling", () => {
  test("the same seed gives the same text and another seed another", async () => {
    const texts: string[] = [];
    for (const seed of [1, 1, 2]) {
      const request = buildRequest(story, { sampling: { ...sampled, seed } });
      texts.push((await collect(engine.generate(request))).text);
    }
    assert.equal(texts[0], texts[1]);
    assert.notEqual(texts[0], texts[2]);
  });

  test("two requests without a seed differ even within a second", async () => {
    const request = buildRequest(story, { sampling: { ...sampled, temperature: 2, topK: 0 } });
    const one = await collect(engine.generate(request));
    const other = await collect(engine.generate(request));
    assert.notEqual(one.text, other.text);
  });

  test("topK 1 is greedy at any temperature", async () => {
    const sampling = { ...greedy, temperature: 2, topK: 1 };
    const { text } = await collect(engine.generate(buildRequest(story, { sampling })));
    assert.equal(text, storyText);
  });

  test("topP 0 and minP 1 leave only the most probable token", async () => {
    for (const changes of [{ topP: 0 }, { minP: 1 }]) {
      const sampling = { ...greedy, temperature: 2, ...changes };
      const { text } = await collect(engine.generate(buildRequest(story, { sampling })));
      assert.equal(text, storyText);
    }
  });

  test("each penalty changes a text that repeats words", async () => {
    for (const penalty of [
      { repetitionPenalty: 1.8 },
      { frequencyPenalty: 2 },
      { presencePenalty: 2 },
    ]) {
      const sampling = { ...greedy, ...penalty };
      const { text } = await collect(engine.generate(buildRequest(story, { sampling })));
      assert.notEqual(text, storyText, JSON.stringify(penalty));
    }
  });
});

describe("ends", () => {
  test("maxTokens ends the text after so many tokens", async () => {
    const generated = await collect(engine.generate(buildRequest(story, { maxTokens: 5 })));
    assert.equal(generated.stopReason, "MAX_TOKENS");
    assert.equal(generated.generatedTokens, 5);
    assert.ok(storyText.startsWith(generated.text));
  });

  test("a full context ends the text", async () => {
    const prompt = [...story, ...Array<number>(1024 - story.length - 3).fill(260)];
    const generated = await collect(engine.generate(buildRequest(prompt)));
    assert.equal(generated.stopReason, "MAX_TOKENS");
    assert.equal(generated.generatedTokens, 3);
  });

  test("a stop sequence across tokens ends the text before it", async () => {
    const stop = "the old oak";
    assert.ok(engine.tokenize(` ${stop}`).length > 1);
    const generated = await collect(engine.generate(buildRequest(story, { stop: [stop, "zzz"] })));
    assert.equal(generated.stopReason, "STOP_SEQUENCE");
    assert.equal(generated.text, storyText.slice(0, storyText.indexOf(stop)));
    assert.equal(generated.countSum, generated.generatedTokens);
  });

  test("a stop sequence inside a token keeps the token's beginning", async () => {
    const generated = await collect(engine.generate(buildRequest(story, { stop: ["ooden"] })));
    assert.equal(generated.text, storyText.slice(0, storyText.indexOf("ooden")));
  });

  test("a stop sequence that only begins does not swallow text", async () => {
    const stop = ["Kate. She lived in a castle"];
    const generated = await collect(engine.generate(buildRequest(story, { stop })));
    assert.equal(generated.text, storyText);
  });
});

describe("prefix reuse", () => {
  test("all but the last prompt token come from the slot that read the prompt before", async () => {
    const ids = renderMessages([
      ["user", "Why is the sky blue? Please tell me all about it, bee."],
    ]);
    const first = await collect(engine.generate(buildRequest(ids)));
    const second = await collect(engine.generate(buildRequest(ids)));
    assert.ok(first.cachedTokens < ids.length - 1);
    assert.equal(second.cachedTokens, ids.length - 1);
    assert.equal(second.text, first.text);
  });

  test("a conversation goes on from what its slot holds", async () => {
    const question = ["user", "Write a poem about rain"] as const;
    const first = await collect(engine.generate(buildRequest(renderMessages([question]))));
    const longer = renderMessages([question, ["assistant", first.text], ["user", "Hello"]]);
    const second = await collect(engine.generate(buildRequest(longer)));
    assert.ok(second.cachedTokens >= first.generatedTokens);
  });
});

describe("grammar", () => {
  test("a grammar allows nothing else", async () => {
    const grammar = 'root ::= "bee" | "honey"';
    const { text, stopReason } = await collect(engine.generate(buildRequest(story, { grammar })));
    assert.match(text, /^(bee|honey)$/);
    assert.equal(stopReason, "EOS");
  });

  test("a JSON schema gives a value that satisfies it", async () => {
    const jsonSchema = {
      type: "object",
      properties: { kind: { enum: ["bee", "ant"] }, wings: { type: "boolean" } },
      required: ["kind", "wings"],
    };
    const { text, stopReason } = await collect(
      engine.generate(buildRequest(story, { jsonSchema })),
    );
    const value = JSON.parse(text) as { kind: string; wings: boolean };
    assert.ok(["bee", "ant"].includes(value.kind));
    assert.equal(typeof value.wings, "boolean");
    assert.equal(stopReason, "EOS");
  });

  test("a grammar that cannot be read is the request's fault and takes no slot", async () => {
    for (let round = 0; round < 5; round += 1) {
      const generating = collect(engine.generate(buildRequest(story, { grammar: "root ::= (" })));
      await assert.rejects(generating, { failure: "invalid-request" });
    }
    assert.equal((await collect(engine.generate(buildRequest(story)))).text, storyText);
  });
});

describe("log probabilities", () => {
  test("each token has its own and the asked number of alternatives, most probable first", async () => {
    const request = buildRequest(story, { logprobs: 3, maxTokens: 20 });
    const generated = await collect(engine.generate(request));
    const tokens = generated.events.filter((event) => event.type === "token");
    assert.equal(tokens.length, 20);
    for (const { count, logprob } of tokens) {
      assert.equal(count, 1);
      assert.ok(logprob);
      const [best, second, third, ...more] = logprob.top;
      assert.equal(more.length, 0);
      assert.ok(best && second && third);
      assert.equal(best.logprob, logprob.logprob);
      assert.ok(best.logprob <= 0 && second.logprob <= best.logprob);
      assert.ok(third.logprob <= second.logprob);
    }
    assert.ok(storyText.startsWith(generated.text));
  });

  test("without asking no token has any", async () => {
    const { events } = await collect(engine.generate(buildRequest(story, { maxTokens: 3 })));
    assert.ok(events.every((event) => !("logprob" in event)));
  });
});

describe("cancelling", () => {
  const longPrompt = [0, ...Array.from({ length: 1000 }, (_, index) => 300 + (index % 700))];

  async function takeUntil(
    events: AsyncIterable<GenerateEvent>,
    isEnough: (event: GenerateEvent) => boolean,
  ): Promise<void> {
    for await (const event of events) if (isEnough(event)) return;
  }

  test("a signal while decoding ends with CANCELLED within one token", async () => {
    const controller = new AbortController();
    const events: GenerateEvent[] = [];
    const request = buildRequest(story, { signal: controller.signal });
    for await (const event of engine.generate(request)) {
      events.push(event);
      if (events.length === 5) controller.abort();
    }
    const end = events.at(-1);
    assert.ok(end?.type === "end" && end.stopReason === "CANCELLED");
    assert.ok(end.generatedTokens <= 6, `${end.generatedTokens} tokens`);
  });

  test("a signal while a long prompt is read ends before any token", async () => {
    const controller = new AbortController();
    const events: GenerateEvent[] = [];
    const request = buildRequest(longPrompt, { signal: controller.signal });
    for await (const event of engine.generate(request)) {
      events.push(event);
      controller.abort();
    }
    assert.deepEqual(
      events.map(({ type }) => type),
      ["started", "end"],
    );
    const next = await collect(engine.generate(buildRequest(longPrompt, { maxTokens: 1 })));
    assert.ok(next.cachedTokens < 600, `${next.cachedTokens} tokens were read`);
  });

  test("a signal that is aborted already ends with CANCELLED", async () => {
    const request = buildRequest(story, { signal: AbortSignal.abort() });
    const events: GenerateEvent[] = [];
    for await (const event of engine.generate(request)) events.push(event);
    const end = events.at(-1);
    assert.ok(end?.type === "end" && end.stopReason === "CANCELLED");
  });

  test("slots are free after breaks, aborts and ends", async () => {
    for (let round = 0; round < 6; round += 1) {
      const isEnough = ({ type }: GenerateEvent): boolean => type === "token";
      await takeUntil(engine.generate(buildRequest(story)), isEnough);
      await takeUntil(engine.generate(buildRequest(longPrompt)), () => true);
    }
    const four = Array.from({ length: 4 }, () => collect(engine.generate(buildRequest(story))));
    for (const { text } of await Promise.all(four)) assert.equal(text, storyText);
  });

  test("a reader that pauses holds up nobody", async () => {
    const paused = engine.generate(buildRequest(story))[Symbol.asyncIterator]();
    await paused.next();
    const other = await collect(engine.generate(buildRequest(story)));
    assert.equal(other.text, storyText);
    await paused.return?.();
  });
});

describe("several at once", () => {
  test("four generations in step give the texts they give alone", async () => {
    const prompts = reference.prompts.filter(({ output }) => output.length > 60).slice(0, 4);
    assert.equal(prompts.length, 4);
    const generating = prompts.map(({ ids }) => collect(engine.generate(buildRequest(ids))));
    const texts = (await Promise.all(generating)).map(({ text }) => text);
    const expected = prompts.map(({ text }) => text);
    // Another batch rounds differently, so a near tie may fall otherwise in one of them.
    const equal = texts.filter((text, index) => text === expected[index]);
    assert.ok(equal.length >= 3, `${equal.length} of 4 are equal`);
    for (const [index, text] of texts.entries()) {
      assert.equal(text.slice(0, 40), expected[index]?.slice(0, 40));
    }
  });

  test("a fifth generation in four slots is refused", async () => {
    const running = Array.from({ length: 4 }, () => engine.generate(buildRequest(story)));
    const iterators = running.map((events) => events[Symbol.asyncIterator]());
    await Promise.all(iterators.map((iterator) => iterator.next()));
    await assert.rejects(collect(engine.generate(buildRequest(story))), /No slot is free/);
    await Promise.all(iterators.map(async (iterator) => await iterator.return?.()));
  });

  test("the event loop keeps turning while four generate", async () => {
    const four = Array.from({ length: 4 }, () => collect(engine.generate(buildRequest(story))));
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    await Promise.all(four);
    delay.disable();
    const medianMs = delay.percentile(50) / 1e6;
    assert.ok(medianMs < 20, `${medianMs} ms`);
  });
});

describe("closing", () => {
  test("closing cancels what runs and refuses what comes", async () => {
    const closing = await openHelloBee(1, 512);
    const running = collect(closing.generate(buildRequest(story)));
    const first = closing.generate(buildRequest(story))[Symbol.asyncIterator]();
    await assert.rejects(async () => await first.next(), /No slot is free/);
    await closing.close();
    assert.equal((await running).stopReason, "CANCELLED");
    await assert.rejects(collect(closing.generate(buildRequest(story))), /closed/);
  });
});

describe("embeddings", () => {
  test("texts that say the same are nearer than others", async () => {
    const signal = new AbortController().signal;
    const embed = async (text: string): Promise<readonly number[]> =>
      await engine.embed(engine.tokenize(text), signal);
    const [bee, sameBee, sum] = await Promise.all([
      embed("The bee flies to the flower."),
      embed("The bees fly to the flowers."),
      embed("Ten plus seven is seventeen."),
    ]);
    assert.equal(bee?.length, 192);
    assert.ok(cosine(bee ?? [], sameBee ?? []) > cosine(bee ?? [], sum ?? []));
  });
});

function cosine(one: readonly number[], other: readonly number[]): number {
  const dot = (left: readonly number[], right: readonly number[]): number =>
    left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);
  return dot(one, other) / Math.sqrt(dot(one, one) * dot(other, other));
}
