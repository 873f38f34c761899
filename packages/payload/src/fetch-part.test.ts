import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import { fetchPart } from "./fetch-part.ts";
import { openNpmRegistry } from "./npm-registry.ts";
import type { PayloadProgress } from "./payload.ts";
import { startRegistry } from "./registry-fixture.ts";
import type { PackageFault } from "./registry-fixture.ts";

const registry = await startRegistry();
const box = mkdtempSync(join(tmpdir(), "rbee-fetch-"));
after(async () => {
  rmSync(box, { recursive: true, force: true });
  await registry[Symbol.asyncDispose]();
});
const key = "not-a-real-key";
const host = registry.url.slice("http:".length);
writeFileSync(join(box, ".npmrc"), `registry=${registry.url}/\n${host}/:_authToken=${key}\n`);
const content = randomBytes(1_000_000);

let count = 0;
async function fetchFrom(
  fault: PackageFault = {},
  {
    integrity,
    signal = AbortSignal.timeout(20_000),
  }: { integrity?: string; signal?: AbortSignal } = {},
) {
  count += 1;
  const name = `@rbee-test/part-${count}`;
  registry.publish(name, content, fault);
  const folder = join(box, `cache-${count}`);
  const told: PayloadProgress[] = [];
  const part = { name, version: "1.0.0", ...(integrity === undefined ? {} : { integrity }) };
  const before = registry.requests.length;
  const fetch = () =>
    fetchPart({
      part,
      platform: "linux-arm64",
      folder,
      openRegistry: () => openNpmRegistry({ environment: {}, homeDirectory: box }),
      onProgress: (progress) => told.push(progress),
      signal,
    });
  const files = () => registry.requests.slice(before).filter((line) => line.includes("/-/"));
  return { fetch, told, folder, files };
}

describe("fetchPart", () => {
  it("fetches from the registry that npm is configured for, with its key, and tells the bytes", async () => {
    const { fetch, told, files } = await fetchFrom();
    assert.deepEqual(readFileSync(await fetch()), content);
    assert.equal(files().length, 1);
    assert.ok(registry.keys.has(`Bearer ${key}`));
    const last = told.at(-1);
    assert.equal(last?.bytesDone, content.length);
    assert.equal(last.bytesTotal, content.length);
    assert.equal(last.part.startsWith("@rbee-test/part"), true);
  });

  it("continues at the exact byte after a cut", async () => {
    const { fetch, files } = await fetchFrom({ cutAfter: [300_000, 200_000] });
    assert.deepEqual(readFileSync(await fetch()), content);
    const starts = files().map((line) => Number(/bytes=(\d+)-/.exec(line)?.[1] ?? 0));
    assert.deepEqual(starts, [0, 300_000, 500_000]);
  });

  it("keeps what arrived when it gives up, for the next time", async () => {
    const cuts = Array.from({ length: 6 }, () => 100_000);
    const { fetch, folder, files } = await fetchFrom({ cutAfter: cuts });
    await assert.rejects(fetch, (error) => {
      assert.ok(RbeeError.is(error, "PAYLOAD_UNAVAILABLE"));
      assert.match(error.details.part, /@rbee-test\/part-\d+ 1\.0\.0/);
      return true;
    });
    assert.equal(files().length, 6);
    assert.equal(readFileSync(join(folder, readdirSync(folder)[0] ?? "")).length, 600_000);
    assert.deepEqual(readFileSync(await fetch()), content);
    assert.match(files().at(-1) ?? "", /bytes=600000-$/);
  });

  it("begins anew where the registry knows no ranges", async () => {
    const { fetch } = await fetchFrom({ cutAfter: [300_000], hasNoRanges: true });
    assert.deepEqual(readFileSync(await fetch()), content);
  });

  it("drops bytes that are not what was published, and fetches them again", async () => {
    const { fetch, files } = await fetchFrom({ wrongAnswers: 1 });
    assert.deepEqual(readFileSync(await fetch()), content);
    assert.equal(files().length, 2);
  });

  it("believes the digest that it knows rather than the registry", async () => {
    const integrity = `sha512-${"A".repeat(86)}==`;
    const { fetch, folder, files } = await fetchFrom({}, { integrity });
    await assert.rejects(fetch, (error) => {
      assert.ok(RbeeError.is(error, "PAYLOAD_UNAVAILABLE"));
      assert.match(error.details.reason, /do not match their digest/);
      return true;
    });
    assert.deepEqual(readdirSync(folder), []);
    assert.equal(files().length, 2);
  });

  it("does not ask again for what the registry does not have", async () => {
    const before = registry.requests.length;
    const missing = fetchPart({
      part: { name: "nobody-has-this", version: "1.0.0" },
      platform: "linux-x64",
      folder: join(box, "missing"),
      openRegistry: () => openNpmRegistry({ environment: {}, homeDirectory: box }),
      onProgress: () => {},
      signal: AbortSignal.timeout(20_000),
    });
    await assert.rejects(missing, (error) => RbeeError.is(error, "PAYLOAD_UNAVAILABLE"));
    assert.equal(registry.requests.length, before + 1);
  });

  it("ends when it is told to, and keeps what arrived", async () => {
    const end = new AbortController();
    const { fetch, told } = await fetchFrom(
      { cutAfter: [100_000, 100_000, 100_000] },
      { signal: end.signal },
    );
    const running = fetch();
    setImmediate(() => end.abort(new Error("enough")));
    await assert.rejects(running, /enough/);
    assert.ok(told.every(({ bytesDone }) => bytesDone < content.length));
  });
});
