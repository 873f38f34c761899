import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import { EngineError } from "../engine.ts";
import type { EngineFailure } from "../engine.ts";
import { loadFailure } from "./load-failure.ts";

const megabyte = 1_048_576;
const translate = (failure: EngineFailure, backend = "cpu") =>
  loadFailure(new EngineError(failure, "words of the engine"), {
    modelReference: "hello-bee",
    backend,
    requiredBytes: 6000 * megabyte - 1,
    availableBytes: 4000 * megabyte + 1,
  });

describe("a failure to load", () => {
  it("has whole megabytes when memory is short, rounded against the model", () => {
    const error = translate("out-of-memory");
    assert.ok(RbeeError.is(error, "INSUFFICIENT_RAM"));
    assert.deepEqual(error.details, { model: "hello-bee", required: 6000, available: 4000 });
  });

  it("is about the device when the model was to go there", () => {
    assert.ok(RbeeError.is(translate("out-of-memory", "cuda"), "VRAM_EXHAUSTED"));
  });

  it("carries the engine's words about a bad file in its details alone", () => {
    const error = translate("invalid-model-file");
    assert.ok(RbeeError.is(error, "INVALID_MODEL_FILE"));
    assert.equal(error.details.reason, "words of the engine");
    assert.ok(!error.message.includes("words"));
  });

  it("keeps what is not the engine's as it is", () => {
    const broken = new TypeError("ours");
    const input = { modelReference: "m", backend: "cpu", requiredBytes: 0, availableBytes: 0 };
    assert.equal(loadFailure(broken, input), broken);
    assert.ok(RbeeError.is(translate("failed"), "INTERNAL_ERROR"));
    assert.ok(RbeeError.is(translate("backend-unavailable"), "BACKEND_UNAVAILABLE"));
  });
});
