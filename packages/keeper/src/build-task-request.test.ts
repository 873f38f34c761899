import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TaskRequest } from "@rbee/contract";
import { buildTaskRequest, messagesOf } from "./build-task-request.ts";
import type { GenerationValues } from "./generation-flags.ts";

const nothing: GenerationValues = {
  node: undefined,
  model: "hello-bee",
  backend: undefined,
  device: undefined,
  context: undefined,
  maxTokens: undefined,
  temperature: undefined,
  topP: undefined,
  topK: undefined,
  minP: undefined,
  repetitionPenalty: undefined,
  seed: undefined,
  stop: [],
  system: undefined,
  noWait: false,
  ephemeral: false,
  timeout: undefined,
};

describe("a task request", () => {
  it("says only what the person said", () => {
    const content = { messages: messagesOf(undefined, "hello") };
    const request = buildTaskRequest({ flags: nothing, taskId: "t1", content });
    assert.deepEqual(request, {
      messages: [{ role: "user", content: "hello" }],
      job_id: "t1",
      model: "hello-bee",
    });
  });

  it("carries every flag in the contract's words", () => {
    const flags: GenerationValues = {
      ...nothing,
      node: "mac",
      backend: "metal",
      device: 0,
      context: 2048,
      maxTokens: 20,
      temperature: 0,
      topP: 0.9,
      topK: 0,
      minP: 0.1,
      repetitionPenalty: 1.1,
      seed: 7,
      stop: ["\n"],
      noWait: true,
    };
    const request = buildTaskRequest({ flags, taskId: "t1", content: { prompt: "raw text" } });
    assert.deepEqual(TaskRequest.parse(request), {
      prompt: "raw text",
      job_id: "t1",
      node: "mac",
      model: "hello-bee",
      backend: "metal",
      device: 0,
      context: 2048,
      max_tokens: 20,
      temperature: 0,
      top_p: 0.9,
      top_k: 0,
      min_p: 0.1,
      repetition_penalty: 1.1,
      seed: 7,
      stop: ["\n"],
      wait: false,
    });
  });

  it("puts the system text before the prompt", () => {
    assert.deepEqual(messagesOf("Be brief.", "hello"), [
      { role: "system", content: "Be brief." },
      { role: "user", content: "hello" },
    ]);
  });
});
