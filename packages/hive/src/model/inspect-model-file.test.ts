import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import { inspectModelFile } from "./inspect-model-file.ts";
import { makeFolder, weights, writeModel } from "./model-files-fixture.ts";
import type { FileChanges } from "./model-files-fixture.ts";

const bundled = join(import.meta.dirname, "../../../../models/hello-bee");
const folder = makeFolder();
after(() => folder.remove());

function pathOf(name: string): string {
  return join(folder.path, name);
}

async function reasonFor(path: string): Promise<string> {
  const reference = `file:${path}`;
  const error = await inspectModelFile(path, reference).then(
    () => assert.fail(`${basename(path)} was accepted`),
    (caught: unknown) => caught,
  );
  assert.ok(RbeeError.is(error, "INVALID_MODEL_FILE"), String(error));
  assert.equal(error.details.model, reference);
  return error.details.reason;
}

describe("inspectModelFile", () => {
  it("reads what hello-bee is", async () => {
    const path = join(bundled, "hello-bee-3m-q8_0.gguf");
    const { facts, ...file } = await inspectModelFile(path, "hello-bee");
    assert.equal(file.localPath, path);
    assert.equal(file.sizeBytes, 3_078_400);
    assert.deepEqual(facts, {
      architecture: "llama",
      quantization: "Q8_0",
      parameters: 2_828_736,
      contextLength: 1024,
      vocabularySize: 2048,
      eosTokenId: 1,
      hasChatTemplate: true,
      shape: {
        layers: 6,
        embeddingLength: 192,
        heads: 6,
        keyValueHeads: 6,
        keyLength: 32,
        valueLength: 32,
      },
    });
  });

  it("names the quantisation by the file's type, else by its weights", async () => {
    const quantizationOf = async (name: string, changes: FileChanges) => {
      writeModel(pathOf(name), changes);
      return (await inspectModelFile(pathOf(name), name)).facts.quantization;
    };
    const fileType = (value: number | undefined) => ({
      metadata: { "general.file_type": value },
    });
    assert.equal(await quantizationOf("m.gguf", fileType(15)), "Q4_K_M");
    assert.equal(await quantizationOf("l.gguf", fileType(17)), "Q5_K_M");
    assert.equal(await quantizationOf("g.gguf", fileType(7 | 1024)), "Q8_0");
    assert.equal(await quantizationOf("n.gguf", fileType(undefined)), "Q4_K");
    const norm = { name: "norm", dimensions: [8], type: "F32", fill: "ones" } as const;
    const large = { ...weights, type: "Q8_0" } as const;
    const mixed = { ...fileType(undefined), tensors: [norm, norm, large] };
    assert.equal(await quantizationOf("o.gguf", mixed), "Q8_0");
  });

  it("reads grouped heads, key lengths of their own, and heads that differ by layer", async () => {
    const shapeOf = async (metadata: Required<FileChanges>["metadata"]) => {
      writeModel(pathOf("s.gguf"), { metadata });
      return (await inspectModelFile(pathOf("s.gguf"), "s")).facts.shape;
    };
    const plain = await shapeOf({});
    assert.deepEqual([plain?.keyValueHeads, plain?.keyLength, plain?.valueLength], [2, 32, 32]);
    const own = await shapeOf({
      "llama.attention.key_length": 128,
      "llama.attention.value_length": 64,
    });
    assert.deepEqual([own?.keyLength, own?.valueLength], [128, 64]);
    const perLayer = { "llama.attention.head_count_kv": Int32Array.of(8, 0) };
    assert.equal((await shapeOf(perLayer))?.keyValueHeads, 4);
    assert.equal((await shapeOf({ "llama.attention.head_count_kv": undefined }))?.keyValueHeads, 8);
    assert.equal(await shapeOf({ "llama.block_count": undefined }), null);
  });

  it("leaves unknown what the file does not say", async () => {
    const metadata = {
      "llama.context_length": undefined,
      "tokenizer.ggml.eos_token_id": undefined,
      "tokenizer.ggml.tokens": undefined,
      "tokenizer.chat_template": undefined,
    };
    writeModel(pathOf("u.gguf"), { metadata });
    const { facts } = await inspectModelFile(pathOf("u.gguf"), "u");
    assert.equal(facts.contextLength, null);
    assert.equal(facts.eosTokenId, null);
    assert.equal(facts.vocabularySize, null);
    assert.equal(facts.hasChatTemplate, false);
  });

  it("refuses a file that is not what its name says", async () => {
    writeFileSync(pathOf("page.gguf"), "<!DOCTYPE html><html>404 not found</html>");
    assert.match(await reasonFor(pathOf("page.gguf")), /no GGUF file: it begins with "<!DO"/);
    writeFileSync(pathOf("empty.gguf"), "");
    assert.match(await reasonFor(pathOf("empty.gguf")), /no GGUF file: it begins with ""/);
    writeFileSync(pathOf("tiny.gguf"), "GGUF");
    assert.match(await reasonFor(pathOf("tiny.gguf")), /truncated: it has only 4 bytes/);
    copyFileSync(join(bundled, "hello-bee-3m-q8_0.gguf"), pathOf("model.bin"));
    assert.match(await reasonFor(pathOf("model.bin")), /does not end in \.gguf/);
    mkdirSync(pathOf("folder.gguf"));
    assert.match(await reasonFor(pathOf("folder.gguf")), /is not a file/);
  });

  it("refuses versions and byte orders that llama.cpp cannot load", async () => {
    const bytes = readFileSync(join(bundled, "hello-bee-3m-q8_0.gguf"));
    bytes.writeUInt32LE(1, 4);
    writeFileSync(pathOf("v1.gguf"), bytes);
    assert.match(await reasonFor(pathOf("v1.gguf")), /version 1/);
    bytes.writeUInt32BE(3, 4);
    writeFileSync(pathOf("big.gguf"), bytes);
    assert.match(await reasonFor(pathOf("big.gguf")), /big-endian|version 50331648/);
  });

  it("refuses a header that announces more than the file can hold", async () => {
    const bytes = readFileSync(join(bundled, "hello-bee-3m-q8_0.gguf"));
    bytes.writeBigUInt64LE(9_000_000n, 8);
    writeFileSync(pathOf("counts.gguf"), bytes);
    assert.match(await reasonFor(pathOf("counts.gguf")), /announces 9000000 tensors/);
  });

  it("says at which byte a file was cut, wherever it was", async () => {
    const whole = join(bundled, "hello-bee-3m-q8_0.gguf");
    const cutTo = async (bytes: number) => {
      copyFileSync(whole, pathOf("cut.gguf"));
      truncateSync(pathOf("cut.gguf"), bytes);
      return await reasonFor(pathOf("cut.gguf"));
    };
    assert.match(await cutTo(3_078_399), /tensor \S+ ends at byte 3078400, the file at 3078399/);
    assert.match(await cutTo(70_000), /tensor token_embd\.weight ends at byte/);
    for (const bytes of [5000, 20_000, 40_000, 62_000]) {
      assert.match(await cutTo(bytes), /truncated|damaged/);
    }
  });

  it("refuses a file that names no architecture", async () => {
    writeModel(pathOf("anonymous.gguf"), { metadata: { "general.architecture": undefined } });
    assert.match(await reasonFor(pathOf("anonymous.gguf")), /names no architecture/);
  });

  it("tells a missing file apart, and what lies beside the place", async () => {
    const missing = inspectModelFile(pathOf("missing.gguf"), "file:/missing.gguf");
    const error = await missing.catch((caught: unknown) => caught);
    assert.ok(RbeeError.is(error, "MODEL_NOT_FOUND"));
    assert.ok(error.details.candidates.length > 0);
    assert.ok(error.details.candidates.every((name) => name.endsWith(".gguf")));
  });
});

describe("inspectModelFile with a split model", () => {
  const part = (number: number) => pathOf(`Split-${String(number).padStart(5, "0")}-of-00003.gguf`);
  let sizes: number[];
  before(() => {
    sizes = [1, 2, 3].map((number) =>
      writeModel(part(number), {
        metadata: { "split.count": { type: "uint16", value: 3 } },
        tensors: [{ ...weights, name: `blk.${number}.weight` }],
      }),
    );
  });

  it("is one model with the summed size, whichever part is named", async () => {
    const total = sizes.reduce((sum, size) => sum + size, 0);
    for (const number of [1, 2, 3]) {
      const found = await inspectModelFile(part(number), "split");
      assert.equal(found.localPath, part(1));
      assert.equal(found.sizeBytes, total);
      assert.equal(found.facts.parameters, 3 * 768);
    }
  });

  it("says which part is missing", async () => {
    copyFileSync(part(1), pathOf("Gap-00001-of-00002.gguf"));
    const reason = await reasonFor(pathOf("Gap-00001-of-00002.gguf"));
    assert.match(reason, /Gap-00002-of-00002\.gguf/);
  });

  it("says which part is damaged", async () => {
    for (const number of [1, 2]) {
      copyFileSync(part(number), pathOf(`Bad-0000${number}-of-00002.gguf`));
    }
    truncateSync(pathOf("Bad-00002-of-00002.gguf"), (sizes[1] ?? 0) - 100);
    assert.match(await reasonFor(pathOf("Bad-00001-of-00002.gguf")), /^Bad-00002-of-00002\.gguf: /);
  });
});
