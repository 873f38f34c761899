import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { gguf } from "@huggingface/gguf";
import { ggmlBlocks } from "./ggml-blocks.ts";
import type { GgmlTypeName } from "./ggml-blocks.ts";
import { writeGguf } from "./write-gguf.ts";

describe("writeGguf", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "rbee-gguf-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("writes what a reader of GGUF finds again", async () => {
    const path = join(folder, "all.gguf");
    const types = Object.keys(ggmlBlocks) as GgmlTypeName[];
    writeGguf(path, {
      metadata: {
        text: "ä",
        flag: true,
        count: 7,
        short: { type: "uint16", value: 3 },
        signed: { type: "int32", value: -3 },
        fraction: { type: "float32", value: 0.5 },
        texts: ["a", "b"],
        numbers: Int32Array.of(-1, 2),
      },
      tensors: types.map((type) => ({ name: type, dimensions: [256, 2], type, fill: "random" })),
    });
    const found = await gguf(path, { allowLocalFile: true });
    const metadata = found.metadata as unknown as Record<string, unknown>;
    assert.equal(metadata["text"], "ä");
    assert.equal(metadata["flag"], true);
    assert.deepEqual(
      ["count", "short", "signed", "fraction"].map((key) => metadata[key]),
      [7, 3, -3, 0.5],
    );
    assert.deepEqual(metadata["texts"], ["a", "b"]);
    assert.deepEqual(metadata["numbers"], [-1, 2]);
    assert.deepEqual(
      found.tensorInfos.map(({ name, dtype }) => [name, dtype]),
      types.map((type) => [type, ggmlBlocks[type].code]),
    );
    const last = found.tensorInfos.at(-1);
    const end = Number(found.tensorDataOffset + (last?.offset ?? 0n)) + 2 * 8 * 18;
    assert.equal(statSync(path).size, end);
  });

  it("writes the same bytes for the same description and others for another seed", () => {
    const write = (name: string, seed?: number) => {
      const path = join(folder, name);
      const tensor = { name: "w", dimensions: [256, 8], type: "Q4_K", fill: "random" } as const;
      writeGguf(path, { metadata: {}, tensors: [tensor], ...(seed === undefined ? {} : { seed }) });
      return readFileSync(path);
    };
    assert.deepEqual(write("one.gguf"), write("two.gguf"));
    assert.notDeepEqual(write("one.gguf"), write("three.gguf", 5));
  });

  it("keeps rows zero that shall be, and takes no room for zeros", () => {
    const path = join(folder, "rows.gguf");
    const rows = { name: "w", dimensions: [32, 4], type: "Q8_0", fill: "random" } as const;
    const zeros = { name: "z", dimensions: [1024, 65_536], type: "F16", fill: "zeros" } as const;
    const size = writeGguf(path, { metadata: {}, tensors: [{ ...rows, zeroRows: 2 }, zeros] });
    const { blocks } = statSync(path);
    assert.ok(size > 128 * 1024 * 1024);
    assert.ok(blocks * 512 < 1024 * 1024);
    const tensor = readFileSync(path).subarray(size - 128 * 1024 * 1024 - 160);
    assert.ok(tensor.subarray(0, 68).every((byte) => byte === 0));
    assert.ok(tensor.subarray(68, 136).some((byte) => byte !== 0));
  });
});
