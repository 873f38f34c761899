import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { makeFolder } from "../model-files-fixture.ts";
import { WriteError } from "./byte-sink.ts";
import { PartialFile, partialPath } from "./partial-file.ts";

const never = new AbortController().signal;
const bytes = randomBytes(10_000_000);
let folder: ReturnType<typeof makeFolder>;
let target: string;

beforeEach(() => {
  folder = makeFolder();
  target = join(folder.path, "bee.gguf");
});
afterEach(() => folder.remove());

const digestOf = (content: Buffer) => createHash("sha256").update(content).digest("hex");

async function writeAll(partial: PartialFile, content: Buffer, pieceBytes: number): Promise<void> {
  for (let from = 0; from < content.length; from += pieceBytes) {
    const hasRoom = partial.write(content.subarray(from, from + pieceBytes));
    if (!hasRoom) await partial.flush();
  }
  await partial.flush();
}

describe("a part of a file", () => {
  it("takes pieces of any length and becomes the whole with its digest", async () => {
    await using partial = await PartialFile.open(target);
    await writeAll(partial, bytes.subarray(0, 3_000_001), 65_536);
    await writeAll(partial, bytes.subarray(3_000_001, 3_000_002), 1);
    await writeAll(partial, bytes.subarray(3_000_002), 3_333_333);
    assert.equal(partial.length, bytes.length);
    assert.equal(partial.digest(), digestOf(bytes));
    await partial.finish(target);
    assert.ok(readFileSync(target).equals(bytes));
  });

  it("is continued by a later run, digest and all", async () => {
    writeFileSync(partialPath(target), bytes.subarray(0, 1_234_567));
    await using partial = await PartialFile.open(target);
    await partial.continueFrom(bytes.length, never);
    assert.equal(partial.length, 1_234_567);
    await writeAll(partial, bytes.subarray(1_234_567), 65_536);
    assert.equal(partial.digest(), digestOf(bytes));
  });

  it("starts anew when it is longer than the whole", async () => {
    writeFileSync(partialPath(target), bytes);
    await using partial = await PartialFile.open(target);
    await partial.continueFrom(100, never);
    assert.equal(partial.length, 0);
    await writeAll(partial, bytes.subarray(0, 100), 10);
    assert.equal(partial.digest(), digestOf(bytes.subarray(0, 100)));
  });

  it("says that the disk is full", async () => {
    symlinkSync("/dev/full", partialPath(target));
    await using partial = await PartialFile.open(target);
    await assert.rejects(
      writeAll(partial, bytes, 65_536),
      (error) => error instanceof WriteError && error.code === "ENOSPC",
    );
  });
});
