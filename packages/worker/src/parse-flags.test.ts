import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseFlags } from "./parse-flags.ts";

const reasonOf = (...words: string[]) => {
  const parsed = parseFlags(words);
  return parsed.kind === "wrong" ? parsed.reason : parsed.kind;
};

describe("the command line", () => {
  it("is what a hive writes", () => {
    const parsed = parseFlags(
      (
        "--worker-id w-1 --model /m.gguf --model-ref hf:a/b:Q8_0 --backend cuda --device 1 " +
        "--port 8005 --callback-url http://127.0.0.1:9200/v1/workers/ready --slots 2 " +
        "--context 4096 --threads 3 --key-fd 0"
      ).split(" "),
    );
    assert.equal(parsed.kind, "run");
    assert.deepEqual(parsed.kind === "run" && { ...parsed.flags }, {
      workerId: "w-1",
      modelPath: "/m.gguf",
      modelReference: "hf:a/b:Q8_0",
      backend: "cuda",
      device: 1,
      host: "127.0.0.1",
      port: 8005,
      callbackUrl: "http://127.0.0.1:9200/v1/workers/ready",
      slots: 2,
      contextSize: 4096,
      threads: 3,
      keyDescriptor: 0,
      keyFile: undefined,
      configFile: undefined,
    });
  });

  it("needs a model and nothing else", () => {
    assert.equal(reasonOf("--model", "/m.gguf"), "run");
    assert.equal(reasonOf(), "--model is missing");
    assert.equal(reasonOf("--model", ""), "--model needs a value");
  });

  it("answers help and version whatever else is missing", () => {
    assert.equal(reasonOf("--help"), "help");
    assert.equal(reasonOf("--version"), "version");
  });

  it("names what is wrong", () => {
    const model = ["--model", "/m.gguf"];
    assert.match(reasonOf(...model, "--colour", "red"), /--colour/);
    assert.match(reasonOf(...model, "extra"), /extra/);
    assert.match(reasonOf(...model, "--port", "80"), /--port .* 1024 to 65535/);
    assert.match(reasonOf(...model, "--port", "8e3"), /--port/);
    assert.match(reasonOf(...model, "--slots", "0"), /--slots .* 1 to 64/);
    assert.match(reasonOf(...model, "--context", "15"), /--context .* from 16/);
    assert.match(reasonOf(...model, "--worker-id", "a b"), /--worker-id/);
    assert.match(reasonOf(...model, "--callback-url", "file:///x"), /--callback-url/);
    assert.match(reasonOf(...model, "--backend", "abacus"), /--backend/);
    assert.match(reasonOf(...model, "--key-fd", "0", "--key-file", "/k"), /exclude/);
  });
});
