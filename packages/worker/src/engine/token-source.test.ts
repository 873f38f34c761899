import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Engine, GenerateRequest, TokenLogprob } from "../engine.ts";
import { buildRequest, collect, greedy, openHelloBee } from "./engine-fixture.ts";

let engine: Engine;
let prompt: readonly number[];
before(async () => {
  engine = await openHelloBee(2);
  const prepared = await engine.preparePrompt({ text: "Once upon a time" });
  assert.ok(prepared.fits);
  prompt = prepared.tokens;
});
after(async () => await engine.close());

const sampled = { ...greedy, temperature: 0.7, topP: 0.95, topK: 40, minP: 0.05, seed: 5 };

async function readLogprobs(changes: Partial<GenerateRequest>) {
  const generated = await collect(
    engine.generate(buildRequest(prompt, { logprobs: 20, maxTokens: 30, ...changes })),
  );
  const tokens = generated.events.filter((event) => event.type === "token");
  const logprobs = tokens.map(({ logprob }) => logprob).filter((one) => one !== undefined);
  assert.equal(logprobs.length, generated.generatedTokens);
  return { ...generated, logprobs };
}

const sum = ({ top }: TokenLogprob) =>
  top.reduce((total, { logprob }) => total + Math.exp(logprob), 0);

describe("the probabilities of tokens", () => {
  it("are those of the model, whatever the sampling leaves out", async () => {
    const cold = await readLogprobs({});
    const warm = await readLogprobs({ sampling: sampled });
    const narrow = await readLogprobs({ sampling: { ...sampled, topK: 1 } });
    for (const { logprobs } of [cold, warm, narrow]) {
      assert.ok(logprobs.every(({ top }) => top.length === 20));
      assert.ok(logprobs.every((one) => sum(one) <= 1 + 1e-5));
    }
    const [first, other] = [cold.logprobs[0]?.top ?? [], warm.logprobs[0]?.top ?? []];
    for (const [index, { token, logprob }] of first.entries()) {
      assert.equal(other[index]?.token, token);
      assert.ok(Math.abs((other[index]?.logprob ?? 0) - logprob) < 1e-4);
    }
    assert.equal(narrow.text, cold.text);
  });

  it("of the chosen token stand beside those of the likeliest, also when it is none of them", async () => {
    const wild = { ...greedy, temperature: 2, seed: 3 };
    const { logprobs } = await readLogprobs({ sampling: wild, logprobs: 1 });
    const unlikely = logprobs.filter(({ token, top }) => top[0]?.token !== token);
    assert.ok(unlikely.length > 5);
    for (const { logprob, top } of unlikely) assert.ok(logprob <= (top[0]?.logprob ?? -Infinity));
  });

  it("do not change a greedy answer, and give the same one for the same seed", async () => {
    const plain = await collect(engine.generate(buildRequest(prompt, { maxTokens: 30 })));
    assert.equal((await readLogprobs({})).text, plain.text);
    const [one, two] = [
      await readLogprobs({ sampling: sampled }),
      await readLogprobs({ sampling: sampled }),
    ];
    assert.equal(one.text, two.text);
    const other = await readLogprobs({ sampling: { ...sampled, temperature: 1.5, seed: 6 } });
    assert.notEqual(other.text, one.text);
  });

  it("name each token by its own text, parts of characters and special tokens too", async () => {
    const { logprobs, text } = await readLogprobs({ grammar: 'root ::= "\u{1F41D}"' });
    assert.equal(text, "\u{1F41D}");
    assert.ok(logprobs.length > 1 && logprobs.every(({ token }) => token !== ""));
    const ended = await readLogprobs({ maxTokens: 200 });
    const names = ended.logprobs.flatMap(({ top }) => top.map(({ token }) => token));
    assert.ok(names.includes("<|endoftext|>") || names.includes("<|im_end|>"));
    assert.ok(!names.includes(""));
    assert.equal(ended.logprobs.map(({ token }) => token).join(""), ended.text);
  });

  it("hear of penalties and biases, as the choice does", async () => {
    const free = await readLogprobs({ maxTokens: 1 });
    const best = free.logprobs[0]?.top[0]?.token ?? "";
    const [token = -1] = engine.tokenize(best);
    const biased = await readLogprobs({ maxTokens: 1, logitBias: new Map([[token, -100]]) });
    assert.ok(biased.logprobs[0]?.top.every((one) => one.token !== best));
  });
});

describe("a bias", () => {
  it("forbids a token, or makes it the only one", async () => {
    const [bee = -1] = engine.tokenize("bee");
    const always = buildRequest(prompt, { maxTokens: 5, logitBias: new Map([[bee, 100]]) });
    assert.equal((await collect(engine.generate(always))).text, "bee".repeat(5));
    const story = await collect(engine.generate(buildRequest(prompt, { maxTokens: 40 })));
    const spoken = engine.tokenize(story.text);
    const never = new Map(spoken.map((token) => [token, -100]));
    const other = await collect(
      engine.generate(buildRequest(prompt, { maxTokens: 40, logitBias: never })),
    );
    assert.ok(engine.tokenize(other.text).every((token) => !never.has(token)));
  });

  it("also holds for the tokens that end an answer", async () => {
    const chat = engine.renderChat([{ role: "user", content: "Count to five" }]);
    const ends = ["<|im_end|>", "<|endoftext|>"].map(
      (text) => engine.tokenize(text, { parseSpecial: true })[0] ?? -1,
    );
    const free = await collect(engine.generate(buildRequest(chat, { maxTokens: 100 })));
    assert.equal(free.stopReason, "EOS");
    const logitBias = new Map(ends.map((token) => [token, -100]));
    const endless = await collect(
      engine.generate(buildRequest(chat, { maxTokens: 100, logitBias })),
    );
    assert.deepEqual([endless.stopReason, endless.generatedTokens], ["MAX_TOKENS", 100]);
    const atOnce = buildRequest(chat, { logitBias: new Map([[ends[0] ?? -1, 100]]) });
    assert.equal((await collect(engine.generate(atOnce))).generatedTokens, 0);
  });
});
