import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { startHub } from "./start-hub.ts";
import type { Hub } from "./start-hub.ts";

const bytes = randomBytes(1_000_000);
const sha256 = createHash("sha256").update(bytes).digest("hex");
const token = "hf_ofSomebodyWhoMayRead";

describe("the hub for tests", () => {
  let folder: string;
  let hub: Hub;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "rbee-hub-"));
    const path = join(folder, "a.gguf");
    writeFileSync(path, bytes);
    hub = await startHub({ pageSize: 2, otherTokens: ["hf_ofSomebodyElse"] });
    const files = { "a.gguf": { path }, "sub/b.gguf": { path }, "README.md": { text: "# Bees" } };
    await hub.publish({ name: "bees/open", files });
    await hub.publish({ name: "bees/gated", files, access: "gated", tokens: [token] });
    await hub.publish({ name: "bees/private", files, access: "private", tokens: [token] });
  });
  after(async () => {
    await hub.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    hub.faults.clear();
    hub.counters.clear();
  });

  const ask = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${hub.url}${path}`, { headers, redirect: "manual" });

  it("lists files page by page with their digests", async () => {
    const first = await ask("/api/models/bees/open/tree/main?recursive=true");
    assert.equal(((await first.json()) as unknown[]).length, 2);
    const next = /<([^>]+)>; rel="next"/.exec(first.headers.get("link") ?? "")?.[1] ?? "";
    const entries = (await (await fetch(next)).json()) as { path: string; lfs?: object }[];
    const file = entries.find(({ path }) => path === "sub/b.gguf");
    assert.deepEqual(file?.lfs, { oid: sha256, size: bytes.length, pointerSize: 134 });
  });

  it("sends readers of large files to the CDN, where a range is 206", async () => {
    const answer = await ask("/bees/open/resolve/main/a.gguf");
    assert.equal(answer.status, 302);
    assert.equal(answer.headers.get("x-linked-etag"), `"${sha256}"`);
    assert.equal(answer.headers.get("x-linked-size"), "1000000");
    assert.match(answer.headers.get("x-repo-commit") ?? "", /^[0-9a-f]{40}$/);
    const location = answer.headers.get("location") ?? "";
    assert.ok(location.startsWith(hub.cdnUrl) && location.includes("Signature="));
    const part = await fetch(location, { headers: { range: "bytes=999990-" } });
    assert.equal(part.status, 206);
    assert.equal(part.headers.get("content-range"), "bytes 999990-999999/1000000");
    assert.deepEqual(Buffer.from(await part.arrayBuffer()), bytes.subarray(-10));
    assert.deepEqual(hub.counters.ranges(), [[999_990, 999_999]]);
    const beyond = await fetch(location, { headers: { range: "bytes=1000000-" } });
    assert.equal(beyond.status, 416);
    assert.equal((await fetch(location.replace(/Signature=./, "Signature=_"))).status, 403);
  });

  it("tells gated, missing and wrong tokens apart as the real hub does", async () => {
    const cases = [
      ["/bees/gated/resolve/main/a.gguf", undefined, 401, "GatedRepo"],
      ["/bees/gated/resolve/main/a.gguf", "hf_ofSomebodyElse", 403, "GatedRepo"],
      ["/bees/gated/resolve/main/a.gguf", token, 302, null],
      ["/api/models/bees/gated", undefined, 200, null],
      ["/api/models/bees/private", undefined, 401, null],
      ["/api/models/bees/private", "hf_ofSomebodyElse", 404, "RepoNotFound"],
      ["/api/models/bees/private", token, 200, null],
      ["/api/models/bees/missing", undefined, 401, null],
      ["/api/models/bees/missing", token, 404, "RepoNotFound"],
      ["/api/models/bees/open", "hf_ofNobody", 401, null],
      ["/bees/open/resolve/main/absent.gguf", undefined, 404, "EntryNotFound"],
    ] as const;
    for (const [path, key, status, code] of cases) {
      const answer = await ask(path, key === undefined ? {} : { authorization: `Bearer ${key}` });
      assert.equal(answer.status, status, `${path} with ${key}`);
      assert.equal(answer.headers.get("x-error-code"), code, path);
    }
  });

  it("breaks as the script says, and only so often", async () => {
    const location = (await ask("/bees/open/resolve/main/a.gguf")).headers.get("location") ?? "";
    hub.faults.add([
      { kind: "reset", atShare: 0.4 },
      { kind: "truncate", atByte: 10 },
      { kind: "status", status: 429, retryAfterSeconds: 7 },
      { kind: "corrupt", atByte: 500_000 },
    ]);
    for (const count of [400_000, 10]) {
      let seen = 0;
      await assert.rejects(async () => {
        for await (const chunk of (await fetch(location)).body ?? []) seen += chunk.length;
      });
      assert.equal(seen, count);
    }
    const busy = await fetch(location);
    assert.deepEqual([busy.status, busy.headers.get("retry-after")], [429, "7"]);
    const wrong = Buffer.from(await (await fetch(location)).arrayBuffer());
    assert.equal(wrong.compare(bytes), wrong[500_000]! > bytes[500_000]! ? 1 : -1);
    const good = Buffer.from(await (await fetch(location)).arrayBuffer());
    assert.equal(good.compare(bytes), 0);
  });
});
