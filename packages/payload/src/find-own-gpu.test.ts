import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import type { Installation } from "@rbee/settings";
import { findOwnGpu } from "./find-own-gpu.ts";

const box = mkdtempSync(join(tmpdir(), "rbee-own-gpu-"));
after(() => rmSync(box, { recursive: true, force: true }));
const installation = { root: join(box, "dist") } as Installation;

function put(folder: string, name: string, version = "3.22.1"): void {
  const place = join(box, folder, name);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "package.json"), JSON.stringify({ name, version }));
}

it("a copy of rbee computes on the GPU of which it has all builds, in its engine's version", () => {
  assert.equal(findOwnGpu(installation, "linux-x64"), undefined);
  put("node_modules", "@node-llama-cpp/linux-x64");
  assert.equal(findOwnGpu(installation, "linux-x64"), "cpu");
  put("node_modules", "@node-llama-cpp/linux-x64-cuda");
  put("node_modules", "@node-llama-cpp/linux-x64-cuda-ext", "0.1.0");
  assert.equal(findOwnGpu(installation, "linux-x64"), "cpu", "the second half is left out");
  put("node_modules", "@node-llama-cpp/linux-x64-cuda-ext");
  assert.equal(findOwnGpu(installation, "linux-x64"), "cuda");
  assert.equal(findOwnGpu(installation, "darwin-arm64"), undefined);
});
