import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ChatCompletionRequest, RbeeError, TaskRequest } from "@rbee/contract";
import { chatToTask } from "./chat-to-task.ts";

const minimal = { model: "hello-bee", messages: [{ role: "user", content: "Hi" }] };

function task(more: object = {}, choice = 0) {
  const request = chatToTask(ChatCompletionRequest.parse({ ...minimal, ...more }), choice);
  const parsed = TaskRequest.safeParse(request);
  assert.ok(parsed.success, "a task of ours takes it");
  return request;
}

function refusedFields(more: object): string[] {
  try {
    task(more);
  } catch (error) {
    if (RbeeError.is(error, "INVALID_REQUEST"))
      return error.details.errors.map(({ field }) => field);
    throw error;
  }
  return [];
}

const call = { id: "call_1", type: "function", function: { name: "add", arguments: '{"a":1}' } };
const tool = {
  type: "function",
  function: { name: "add", description: "Adds", parameters: { type: "object" }, strict: true },
};

describe("a chat of OpenAI's as a task", () => {
  it("takes messages in all their shapes", () => {
    const { messages } = task({
      messages: [
        { role: "developer", content: "Be brief" },
        {
          role: "user",
          content: [
            { type: "text", text: "a" },
            { type: "text", text: "b" },
          ],
          name: "x",
        },
        { role: "assistant", content: null, tool_calls: [call] },
        { role: "tool", tool_call_id: "call_1", content: "3" },
        { role: "assistant", refusal: "No.", tool_calls: [] },
      ],
    });
    assert.deepEqual(messages, [
      { role: "system", content: "Be brief" },
      { role: "user", content: "a\nb" },
      { role: "assistant", content: "", tool_calls: [call] },
      { role: "tool", content: "3", tool_call_id: "call_1" },
      { role: "assistant", content: "No." },
    ]);
  });

  it("refuses what is no text, images by what is missing", () => {
    const withPart = (part: object) => ({ messages: [{ role: "user", content: [part] }] });
    assert.throws(
      () => task(withPart({ type: "image_url", image_url: { url: "https://example.org/a.png" } })),
      (error) => RbeeError.is(error, "CAPABILITY_MISSING") && error.details.capability === "vision",
    );
    assert.deepEqual(refusedFields(withPart({ type: "input_audio", input_audio: {} })), [
      "messages.0.content.0",
    ]);
  });

  it("offers tools, and chooses among them", () => {
    const offered = { tools: [tool], parallel_tool_calls: false };
    const named = { type: "function", function: { name: "add" } };
    const {
      tools,
      tool_choice: choice,
      parallel_tool_calls: parallel,
    } = task({
      ...offered,
      tool_choice: named,
    });
    assert.deepEqual(tools, [{ name: "add", description: "Adds", parameters: { type: "object" } }]);
    assert.deepEqual([choice, parallel], [{ name: "add" }, false]);
    assert.equal(task({ ...offered, tool_choice: "required" }).tool_choice, "required");
    const without = task({ tools: [], tool_choice: "auto", parallel_tool_calls: true });
    assert.deepEqual([without.tools, without.tool_choice], [undefined, undefined]);
    assert.deepEqual(refusedFields({ tool_choice: "required" }), ["tool_choice"]);
    assert.deepEqual(refusedFields({ tool_choice: named }), ["tool_choice"]);
  });

  it("asks for JSON by a schema", () => {
    const schema = { type: "object", properties: {} };
    const format = (response_format: object) => task({ response_format }).json_schema;
    assert.deepEqual(format({ type: "json_schema", json_schema: { name: "x", schema } }), schema);
    assert.deepEqual(format({ type: "json_object" }), { type: "object" });
    assert.equal(format({ type: "text" }), undefined);
  });

  it("counts seeds on for each choice, within the engine's", () => {
    assert.deepEqual([task({ seed: 4 }, 0).seed, task({ seed: 4 }, 2).seed], [4, 6]);
    assert.equal(task({ seed: -1 }).seed, 4_294_967_295);
    assert.equal(task({ seed: 2 ** 32 }).seed, 0);
    assert.equal(task().seed, undefined);
  });

  it("lets an answer go on to the end of the context unless it is told how long", () => {
    assert.equal(task({ max_tokens: 5 }).max_tokens, 5);
    assert.equal(task({ max_tokens: 5, max_completion_tokens: 6 }).max_tokens, 6);
    assert.ok((task().max_tokens ?? 0) > 1_000_000);
    assert.equal(task().max_tokens_capped, true);
  });

  it("wants logprobs before it tells alternatives", () => {
    assert.equal(task({ logprobs: true, top_logprobs: 4 }).logprobs, 4);
    assert.equal(task({ logprobs: true }).logprobs, 0);
    assert.equal(task({ top_logprobs: 0 }).logprobs, undefined);
    assert.deepEqual(refusedFields({ top_logprobs: 2 }), ["top_logprobs"]);
  });

  it("places the task where the extension says", () => {
    const rbee = { node: "mac", backend: "cpu", device: 0, wait: false, priority: "low" };
    const { node, backend, device, wait, priority } = task({ rbee: { ...rbee, narration: true } });
    assert.deepEqual({ node, backend, device, wait, priority }, rbee);
    assert.ok(!Object.hasOwn(task({ rbee: { narration: true } }), "narration"));
  });
});
