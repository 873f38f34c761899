import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { modelPath } from "./engine-fixture.ts";
import { readGgufHeader } from "./gguf-header.ts";
import { openEngine } from "./llama-engine.ts";

const folder = mkdtempSync(join(tmpdir(), "gguf-header-"));
after(() => rmSync(folder, { recursive: true }));
const whole = readFileSync(modelPath);

function writeModel(name: string, bytes: Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

async function openModel(path: string): Promise<void> {
  const signal = new AbortController().signal;
  const place = { backend: "cpu", device: 0, slots: 1, contextSize: 64 };
  await openEngine({ modelPath: path, ...place, onProgress: () => undefined, signal });
}

test("the header of a whole model says what it is and where it ends", () => {
  const { values, endOffset, tensorCount } = readGgufHeader(modelPath);
  assert.equal(values.get("general.architecture"), "llama");
  assert.equal(values.get("llama.block_count"), 6);
  assert.equal(endOffset, statSync(modelPath).size);
  assert.equal(tensorCount, 56);
});

test("every quantization of the bundled model ends where its tensors end", () => {
  for (const quantization of ["q8_0", "q4_0"]) {
    const path = modelPath.replace("f16", quantization);
    assert.equal(readGgufHeader(path).endOffset, statSync(path).size);
  }
});

test("a file that is no GGUF is refused with what it begins with", async () => {
  const path = writeModel("page.gguf", Buffer.from("<html>Not found</html>"));
  await assert.rejects(openModel(path), {
    failure: "invalid-model-file",
    message: /begins with "<htm" instead of "GGUF"/,
  });
});

test("a file cut within its tensors is refused with the tensor and the missing size", async () => {
  const path = writeModel("cut.gguf", whole.subarray(0, 3_000_000));
  await assert.rejects(openModel(path), {
    failure: "invalid-model-file",
    message: /truncated: tensor "blk\.\d.*3000000 bytes instead of at least 5728000/,
  });
});

test("a file cut within its header is refused with the place", async () => {
  const path = writeModel("header.gguf", whole.subarray(0, 9000));
  await assert.rejects(openModel(path), {
    failure: "invalid-model-file",
    message: /header goes on at byte \d+, but the file has only 9000 bytes/,
  });
});

test("an empty file and a missing file are refused", async () => {
  const empty = writeModel("empty.gguf", Buffer.alloc(0));
  await assert.rejects(openModel(empty), { failure: "invalid-model-file" });
  await assert.rejects(openModel(join(folder, "missing.gguf")), { failure: "invalid-model-file" });
});

test("an architecture that llama.cpp does not know is refused by name", async () => {
  const changed = Buffer.from(whole);
  // Same length, so that nothing else moves; the keys that begin with it are changed too.
  for (let at = changed.indexOf("llama"); at >= 0; at = changed.indexOf("llama", at)) {
    changed.write("hummm", at, "latin1");
  }
  const path = writeModel("hummm.gguf", changed);
  await assert.rejects(openModel(path), {
    failure: "invalid-model-file",
    message: /architecture "hummm"/,
  });
});

test("another GGUF version is refused by number", () => {
  const changed = Buffer.from(whole.subarray(0, 100));
  changed.writeUInt32LE(9, 4);
  assert.throws(() => readGgufHeader(writeModel("nine.gguf", changed)), /GGUF version 9/);
});
