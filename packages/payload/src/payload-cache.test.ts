import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { findPayloadFolder, prunePayloads, writeFileList } from "./payload-cache.ts";
import { withLock } from "./with-lock.ts";

const box = mkdtempSync(join(tmpdir(), "rbee-payload-cache-"));
after(() => rmSync(box, { recursive: true, force: true }));
const file = { path: "a/b", sizeBytes: 3, mode: 0o644, sha256: "0".repeat(64) };

async function put(name: string, usedAt: number): Promise<string> {
  const root = join(box, name);
  mkdirSync(join(root, "a"), { recursive: true });
  writeFileSync(join(root, "a/b"), "abc");
  await writeFileList(root, [file]);
  utimesSync(`${root}.json`, usedAt, usedAt);
  return root;
}

describe("the cache of payloads", () => {
  it("gives a payload only when every file is there in its size", async () => {
    const root = await put("0.1.0-linux-x64-cpu-whole", 1);
    assert.deepEqual(await findPayloadFolder(root), [file]);
    writeFileSync(join(root, "a/b"), "ab");
    assert.equal(await findPayloadFolder(root), undefined);
    rmSync(join(root, "a"), { recursive: true });
    assert.equal(await findPayloadFolder(root), undefined);
    writeFileSync(`${root}.json`, "[");
    assert.equal(await findPayloadFolder(root), undefined);
    rmSync(root, { recursive: true });
    rmSync(`${root}.json`);
  });

  it("keeps the three of a kind that were used last, and all of other kinds", async () => {
    const names = [1, 2, 3, 4, 5].map((time) => `0.${time}.0-linux-x64-cpu-aaa`);
    for (const [index, name] of names.entries()) await put(name, index + 1);
    await put("0.1.0-linux-x64-cuda-aaa", 1);
    await prunePayloads(box, "-linux-x64-cpu-", names[0] ?? "");
    const left = readdirSync(box).filter((name) => !name.endsWith(".json"));
    const kept = [names[0], "0.1.0-linux-x64-cuda-aaa", names[3], names[4]];
    assert.deepEqual(new Set(left), new Set(kept));
  });
});

describe("withLock", () => {
  it("takes over from a process that died with it", async () => {
    const path = join(box, "abandoned");
    mkdirSync(`${path}.lock`);
    const longAgo = Date.now() / 1000 - 60;
    utimesSync(`${path}.lock`, longAgo, longAgo);
    assert.equal(await withLock(path, AbortSignal.timeout(5000), async () => "done"), "done");
    assert.ok(!readdirSync(box).includes("abandoned.lock"));
  });

  it("is free again after work that failed", async () => {
    const path = join(box, "failed");
    const signal = AbortSignal.timeout(5000);
    const failing = withLock(path, signal, async () => {
      throw new Error("no");
    });
    await assert.rejects(failing, /no/);
    assert.equal(await withLock(path, signal, async () => "done"), "done");
  });
});
