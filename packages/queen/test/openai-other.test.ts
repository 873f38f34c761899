// OpenAI's own client against a running queen with a real worker: everything but what chats say.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { sizes } from "@rbee/contract";
import type { ErrorBody } from "@rbee/contract";
import { eventually } from "@rbee/testkit";
import OpenAI from "openai";
import { openOpenAiBox } from "./openai-fixture.ts";
import type { OpenAiBox } from "./openai-fixture.ts";

const quick = { model: "hello-bee", max_tokens: 8, temperature: 0 };

describe("OpenAI's client", () => {
  let opened: OpenAiBox;
  before(async () => {
    opened = await openOpenAiBox();
  });
  after(() => opened.box.close());

  it("completes texts, several at once, with and without their prompts", async () => {
    const { client } = opened;
    const prompt = ["Once upon a time", "The bee"];
    const answer = await client.completions.create({ ...quick, prompt, n: 2, echo: true, seed: 3 });
    assert.equal(answer.object, "text_completion");
    const starts = answer.choices.map(({ index, text }) => [
      index,
      prompt.find((start) => text.startsWith(start)),
    ]);
    assert.deepEqual(starts, [
      [0, prompt[0]],
      [1, prompt[0]],
      [2, prompt[1]],
      [3, prompt[1]],
    ]);
    assert.ok(
      answer.choices.every(({ text }, index) => text.length > (prompt[index >> 1] ?? "").length),
    );
    assert.equal(answer.usage?.completion_tokens, 32);
    const plain = await client.completions.create({ ...quick, prompt: "Once upon a time" });
    const echoed = answer.choices[0]?.text ?? "";
    assert.equal(`Once upon a time${plain.choices[0]?.text}`, echoed);
    const silent = await client.completions.create({
      model: "hello-bee",
      prompt: "Once upon a time",
      temperature: 0,
    });
    assert.equal(silent.usage?.completion_tokens, 16, "as at OpenAI when nobody says how many");
  });

  it("streams texts, with log probabilities in their older shape", async () => {
    const { client } = opened;
    const body = { ...quick, prompt: "Once upon a time", logprobs: 2 };
    const whole = await client.completions.create(body);
    const logprobs = whole.choices[0]?.logprobs;
    assert.equal(logprobs?.tokens?.length, 8);
    assert.equal(logprobs?.tokens?.join(""), whole.choices[0]?.text);
    assert.deepEqual(Object.keys(logprobs?.top_logprobs?.[0] ?? {}).length, 2);
    assert.equal(logprobs?.text_offset?.[1], logprobs?.tokens?.[0]?.length);
    const stream = await client.completions.create({
      ...body,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    const offsets: number[] = [];
    const reasons: (string | null)[] = [];
    let used = 0;
    for await (const { choices, usage } of stream) {
      text += choices[0]?.text ?? "";
      offsets.push(...(choices[0]?.logprobs?.text_offset ?? []));
      if (choices[0] !== undefined) reasons.push(choices[0].finish_reason);
      used = usage?.completion_tokens ?? used;
    }
    assert.equal(text, whole.choices[0]?.text);
    assert.deepEqual(offsets, logprobs?.text_offset);
    assert.equal(reasons.at(-1), "length");
    assert.equal(used, 8);
  });

  it("embeds texts, as floats and as bytes, and shows it among the tasks", async () => {
    const { client, box } = opened;
    const input = ["bees make honey", "cars need fuel"];
    // The client asks for base64 unless it is told otherwise.
    const packed = await client.embeddings.create({ model: "bee", input });
    const plain = await client.embeddings.create({ model: "bee", input, encoding_format: "float" });
    assert.deepEqual(
      plain.data.map(({ index, object }) => [index, object]),
      [
        [0, "embedding"],
        [1, "embedding"],
      ],
    );
    for (const [index, { embedding }] of plain.data.entries()) {
      const other = packed.data[index]?.embedding ?? [];
      assert.equal(other.length, embedding.length);
      assert.ok(embedding.every((value, at) => Math.abs(value - (other[at] ?? 9)) < 1e-5));
    }
    assert.ok(plain.usage.prompt_tokens > 0);
    const length = plain.data[0]?.embedding.length ?? 0;
    const same = { model: "bee", input: "bees", dimensions: length };
    assert.equal((await client.embeddings.create(same)).data[0]?.embedding.length, length);
    await assert.rejects(
      client.embeddings.create({ ...same, dimensions: length - 1 }),
      (error) => error instanceof OpenAI.BadRequestError && error.param === "dimensions",
    );
    const { tasks } = await box.queen().call("listTasks");
    const task = tasks.find(({ task_id: id }) => id.startsWith("embd-"));
    assert.equal(task?.phase, "done");
    assert.equal(task?.node, "localhost");
  });

  it("lists models and finds one, whatever its name looks like", async () => {
    const { client, url } = opened;
    await client.completions.create({ ...quick, prompt: "Once" });
    const ids: string[] = [];
    for await (const model of client.models.list()) ids.push(model.id);
    assert.deepEqual(ids, ["bee", "hello-bee"]);
    const bee = await client.models.retrieve("bee");
    assert.equal(bee.object, "model");
    assert.equal(bee.owned_by, "rbee");
    const { alias_of: target, loaded, nodes } = bee as unknown as Record<string, unknown>;
    assert.deepEqual([target, loaded, nodes], ["hello-bee", true, ["localhost"]]);
    await assert.rejects(
      client.models.retrieve("hf:org/repo"),
      (error) => error instanceof OpenAI.NotFoundError && error.code === "MODEL_NOT_FOUND",
    );
    const open = await fetch(`${url}/v1/models/hf:org/repo/file.gguf`);
    assert.equal(open.status, 404);
    const { error } = (await open.json()) as { error: { details: { model: string } } };
    assert.equal(error.details.model, "hf:org/repo/file.gguf");
  });

  it("is told by name what a field cannot be", async () => {
    const { client } = opened;
    const refusedBy = async (field: string, body: object) => {
      const asked = client.completions.create({ ...quick, prompt: "Once", ...body });
      await assert.rejects(asked, (error) => {
        assert.ok(error instanceof OpenAI.BadRequestError);
        assert.equal(error.param, field, error.message);
        return true;
      });
    };
    await refusedBy("suffix", { suffix: "the end" });
    await refusedBy("best_of", { best_of: 3 });
    await refusedBy("prompt.0", { prompt: [[1, 2, 3]] });
    await refusedBy("prompt.0", { prompt: [1, 2, 3] });
    await refusedBy("prompt", { prompt: "" });
    await refusedBy("logprobs", { echo: true, logprobs: 1 });
    await refusedBy("n", { n: 9, prompt: ["a", "b"] });
    await refusedBy("n", { n: 99 });
    await refusedBy("max_tokens", { max_tokens: 0 });
    await client.completions.create({
      ...quick,
      prompt: "Once",
      best_of: 1,
      suffix: null,
      user: "me",
    });
  });

  it("may send as much of a chat as is configured, whatever the worker makes of it", async () => {
    const { box, client, post } = opened;
    const chatOf = (megabytes: number) => ({
      model: "hello-bee",
      messages: [{ role: "user" as const, content: "bee ".repeat(megabytes * 262_144) }],
    });
    // Larger than any other body may be; the worker itself says that its context is smaller.
    await assert.rejects(client.chat.completions.create(chatOf(2)), (error) => {
      assert.ok(error instanceof OpenAI.BadRequestError, String(error));
      assert.equal(error.code, "CONTEXT_EXCEEDED");
      return true;
    });
    box.configure({ queen: { chat_body_limit_mb: 1 } });
    box.signal(box.queenPid() ?? 0, "SIGHUP");
    for (const path of ["/v1/chat/completions", "/v1/responses"]) {
      const body = path.endsWith("responses") ? { model: "hello-bee", input: "a" } : chatOf(0);
      const padded = { ...body, user: "x".repeat(sizes.bodyMaxBytes) };
      const refused = await eventually(async () => {
        const response = await post(path, padded);
        return response.status === 413 && response;
      });
      const { error } = (await refused.json()) as { error: ErrorBody };
      assert.equal(error.code, "PAYLOAD_TOO_LARGE");
      const limit = { limit_bytes: sizes.bytesPerMb, setting: "[queen] chat_body_limit_mb" };
      assert.deepEqual(error.details, limit);
    }
  });
});
