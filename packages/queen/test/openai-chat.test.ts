// OpenAI's own client against a running queen with a real worker: chats.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { eventually } from "@rbee/testkit";
import OpenAI from "openai";
import type { ChatCompletionChunk, ChatCompletionMessageParam } from "openai/resources/chat";
import { openClient, openOpenAiBox } from "./openai-fixture.ts";
import type { OpenAiBox } from "./openai-fixture.ts";

const model = "hello-bee";
const messages: ChatCompletionMessageParam[] = [
  { role: "developer", content: "You tell stories." },
  { role: "user", content: [{ type: "text", text: "Tell me a story" }] },
];
const quick = { model, messages, max_tokens: 12, temperature: 0 };

async function readAll(stream: AsyncIterable<ChatCompletionChunk>) {
  const chunks: ChatCompletionChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  const texts = new Map<number, string>();
  for (const { choices } of chunks) {
    for (const { index, delta } of choices) {
      texts.set(index, `${texts.get(index) ?? ""}${delta.content ?? ""}`);
    }
  }
  return { chunks, texts, text: texts.get(0) ?? "" };
}

describe("chats of OpenAI's client", () => {
  let opened: OpenAiBox;
  before(async () => {
    opened = await openOpenAiBox();
    await opened.client.chat.completions.create(quick);
  });
  after(() => opened.box.close());

  it("are answered at once, with what they cost", async () => {
    const { client } = opened;
    const answer = await client.chat.completions.create({ ...quick, model: "bee" });
    assert.match(answer.id, /^chatcmpl-/);
    assert.equal(answer.object, "chat.completion");
    assert.equal(answer.model, "bee");
    assert.ok(Math.abs(answer.created - Date.now() / 1000) < 60);
    const [choice] = answer.choices;
    assert.equal(choice?.message.role, "assistant");
    assert.ok((choice?.message.content ?? "").length > 0);
    assert.equal(choice?.finish_reason, "length");
    assert.equal(choice?.logprobs, null);
    const { usage } = answer;
    assert.equal(usage?.completion_tokens, 12);
    assert.ok((usage?.prompt_tokens ?? 0) > 5);
    assert.equal(usage?.total_tokens, (usage?.prompt_tokens ?? 0) + 12);
    assert.ok(
      (usage?.prompt_tokens_details?.cached_tokens ?? 0) > 0,
      "the prompt was there before",
    );
  });

  it("stream the same text, role first, reason last, then the usage", async () => {
    const { client } = opened;
    const whole = await client.chat.completions.create(quick);
    const stream = await client.chat.completions.create({
      ...quick,
      stream: true,
      stream_options: { include_usage: true },
    });
    const { chunks, text } = await readAll(stream);
    assert.equal(text, whole.choices[0]?.message.content);
    assert.equal(chunks[0]?.choices[0]?.delta.role, "assistant");
    assert.equal(chunks.at(-2)?.choices[0]?.finish_reason, "length");
    assert.deepEqual(chunks.at(-1)?.choices, []);
    assert.equal(chunks.at(-1)?.usage?.completion_tokens, 12);
    assert.ok(chunks.slice(0, -1).every(({ usage }) => usage === null));
    assert.equal(new Set(chunks.map(({ id }) => id)).size, 1);
    const plain = await client.chat.completions.create({ ...quick, stream: true });
    const plainly = await readAll(plain);
    assert.ok(
      plainly.chunks.every((chunk) => chunk.usage === undefined && chunk.choices.length > 0),
    );
  });

  it("are equal for equal seeds, and stop where they are told", async () => {
    const ask = async (body: object) => {
      const { choices } = await opened.client.chat.completions.create({ ...quick, ...body });
      return choices[0];
    };
    const warm = { temperature: 1, seed: -7 };
    const [one, two] = [await ask(warm), await ask(warm)];
    assert.equal(one?.message.content, two?.message.content);
    const text = (await ask({ max_tokens: 30 }))?.message.content ?? "";
    const stop = text.slice(4, 9);
    const stopped = await ask({ max_tokens: 30, stop });
    assert.equal(stopped?.message.content, text.slice(0, text.indexOf(stop)));
    assert.equal(stopped?.finish_reason, "stop");
    const listed = await ask({ max_tokens: 30, stop: ["never there", stop] });
    assert.equal(listed?.message.content, stopped?.message.content);
  });

  it("have several choices, side by side in one stream, over one prompt", async () => {
    const { client } = opened;
    const body = { ...quick, n: 3, temperature: 1, seed: 5 };
    const answer = await client.chat.completions.create(body);
    assert.deepEqual(
      answer.choices.map(({ index }) => index),
      [0, 1, 2],
    );
    const contents = answer.choices.map(({ message }) => message.content);
    assert.ok(new Set(contents).size > 1, "each choice has a seed of its own");
    assert.equal(answer.usage?.completion_tokens, 36);
    assert.equal(answer.usage?.total_tokens, (answer.usage?.prompt_tokens ?? 0) + 36);
    const stream = await client.chat.completions.create({ ...body, stream: true });
    const { chunks, texts } = await readAll(stream);
    assert.deepEqual(new Set(texts.keys()), new Set([0, 1, 2]));
    const ends = chunks.filter(({ choices }) => choices[0]?.finish_reason === "length");
    assert.equal(ends.length, 3);
  });

  it("tell how likely their tokens were", async () => {
    const { client } = opened;
    const body = { ...quick, logprobs: true, top_logprobs: 3 };
    const answer = await client.chat.completions.create(body);
    const content = answer.choices[0]?.logprobs?.content ?? [];
    assert.equal(content.length, 12);
    for (const { token, logprob, bytes, top_logprobs: top } of content) {
      assert.equal(Buffer.from(bytes ?? []).toString(), token);
      assert.ok(logprob <= 0);
      assert.equal(top.length, 3);
      assert.equal(top[0]?.token, token, "the likeliest was taken at temperature 0");
    }
    const joined = content.map(({ token }) => token).join("");
    assert.equal(joined.trim(), answer.choices[0]?.message.content?.trim());
    const stream = await client.chat.completions.create({ ...body, stream: true });
    const { chunks } = await readAll(stream);
    const streamed = chunks.flatMap(({ choices }) => choices[0]?.logprobs?.content ?? []);
    assert.deepEqual(streamed, content);
  });

  it("keep to a JSON schema, and to JSON", async () => {
    const schema = {
      type: "object",
      properties: { colour: { enum: ["red", "blue"] }, count: { type: "integer", maximum: 9 } },
      required: ["colour", "count"],
      additionalProperties: false,
    };
    const { client } = opened;
    const answer = await client.chat.completions.create({
      ...quick,
      max_tokens: 200,
      response_format: { type: "json_schema", json_schema: { name: "thing", schema } },
    });
    const thing = JSON.parse(answer.choices[0]?.message.content ?? "") as Record<string, unknown>;
    assert.deepEqual(Object.keys(thing).toSorted(), ["colour", "count"]);
    assert.ok(thing["colour"] === "red" || thing["colour"] === "blue");
    assert.ok(Number.isInteger(thing["count"]));
    const any = await client.chat.completions.create({
      ...quick,
      response_format: { type: "json_object" },
    });
    assert.match(any.choices[0]?.message.content ?? "", /^\s*\{/);
    const never = { type: "object", properties: { name: { type: "string", pattern: "(?=a)" } } };
    await assert.rejects(
      client.chat.completions.create({
        ...quick,
        response_format: { type: "json_schema", json_schema: { name: "never", schema: never } },
      }),
      (error) => error instanceof OpenAI.BadRequestError && error.param === "response_format",
    );
  });

  it("are capped by the context where a task of ours is refused", async () => {
    const { client, box } = opened;
    const answer = await client.chat.completions.create({
      ...quick,
      max_tokens: 1_000_000,
      seed: 1,
    });
    const { usage, choices } = answer;
    const [worker] = (await box.queen().call("listWorkers")).workers;
    assert.ok((usage?.total_tokens ?? 0) <= 1024, `within the context of ${worker?.worker_id}`);
    if (usage?.total_tokens === 1024) assert.equal(choices[0]?.finish_reason, "length");
    const tooLong = "bee ".repeat(2000);
    await assert.rejects(
      client.chat.completions.create({ ...quick, messages: [{ role: "user", content: tooLong }] }),
      (error) => error instanceof OpenAI.BadRequestError && error.code === "CONTEXT_EXCEEDED",
    );
  });

  it("end when their client leaves, down to the worker, also all choices of one", async () => {
    const { client, box } = opened;
    const busy = async () => {
      const { tasks } = await box.queen().call("listTasks");
      return tasks.filter(({ ended_at: end }) => end === null).length;
    };
    const leave = new AbortController();
    const stream = await client.chat.completions.create(
      { ...quick, max_tokens: 900, n: 2, stream: true },
      { signal: leave.signal },
    );
    for await (const _chunk of stream) if ((await busy()) === 2) break;
    leave.abort();
    await eventually(async () => (await busy()) === 0, { timeoutMs: 3000 });
    const { tasks } = await box.queen().call("listTasks");
    assert.deepEqual(
      tasks.slice(0, 2).map(({ phase }) => phase),
      ["cancelled", "cancelled"],
    );
    const { workers } = await box.queen().call("listWorkers");
    await eventually(async () => {
      const [worker] = (await box.queen().call("listWorkers")).workers;
      return worker?.slots_available === workers[0]?.slots_total;
    });
  });

  it("of an unknown model, with a wrong key or with wrong fields are refused as OpenAI does", async () => {
    const { client, url, box } = opened;
    const refuse = (body: object) => client.chat.completions.create({ ...quick, ...body });
    await assert.rejects(
      refuse({ model: "gpt-4o" }),
      (error) => error instanceof OpenAI.NotFoundError && error.code === "MODEL_NOT_FOUND",
    );
    await assert.rejects(
      refuse({ audio: { voice: "ash", format: "wav" } }),
      (error) => error instanceof OpenAI.BadRequestError && error.param === "audio",
    );
    await assert.rejects(
      refuse({ brand_new_field: true }),
      (error) => error instanceof OpenAI.BadRequestError && error.param === "brand_new_field",
    );
    const image = { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } };
    await assert.rejects(
      refuse({ messages: [{ role: "user", content: [image] }] }),
      (error) =>
        error instanceof OpenAI.BadRequestError &&
        error.code === "CAPABILITY_MISSING" &&
        (error.error as { details: { capability: string } }).details.capability === "vision",
    );
    const { key } = await box.queen().call("createKey", { body: { name: "editor" } });
    await assert.rejects(
      openClient(url, "not-the-right-key").chat.completions.create(quick),
      (error) => error instanceof OpenAI.AuthenticationError && error.code === "INVALID_API_KEY",
    );
    const answer = await openClient(url, key).chat.completions.create(quick);
    assert.equal(answer.choices.length, 1);
  });
});
