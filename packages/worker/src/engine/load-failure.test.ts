import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineError } from "../engine.ts";
import { explainLoadFailure } from "./load-failure.ts";

const modelPath = "/home/bea/models/bee.gguf";

function explain(reason: string, logLines: readonly string[] = []): EngineError {
  return explainLoadFailure(new Error(reason), { modelPath, logLines });
}

// Lines as llama.cpp of release 3.22.1 writes them.
const fixtures = [
  [
    "ggml_backend_cuda_buffer_type_alloc_buffer: allocating 4096.00 MiB on device 0: cudaMalloc failed: out of memory",
    "out-of-memory",
  ],
  [
    "alloc_tensor_range: failed to allocate CPU buffer of size 1152921504606846976",
    "out-of-memory",
  ],
  ["ggml_vulkan: vk::Device::allocateMemory: ErrorOutOfDeviceMemory", "out-of-memory"],
  [
    "llama_model_load: error loading model: unknown model architecture: 'hummm'",
    "invalid-model-file",
  ],
  [
    "llama_model_load: error loading model: missing tensor 'output_norm.weight'",
    "invalid-model-file",
  ],
] as const;

for (const [line, failure] of fixtures) {
  test(`"${line.slice(0, 60)}" is ${failure}`, () => {
    assert.equal(explain("Failed to load model", [line]).failure, failure);
  });
}

test("a failure that nobody knows is no fault of the file", () => {
  assert.equal(explain("Failed to create context").failure, "failed");
});

test("the words name what llama.cpp said and not where the file lies", () => {
  const { message } = explain("Failed to load model", [
    `error loading model from ${modelPath}: bad`,
  ]);
  assert.match(
    message,
    /Failed to load model \(llama\.cpp: error loading model from the file: bad\)/,
  );
});

test("an error of the engine stays what it is", () => {
  const error = new EngineError("backend-unavailable", "none");
  assert.equal(explainLoadFailure(error, { modelPath, logLines: ["out of memory"] }), error);
});
