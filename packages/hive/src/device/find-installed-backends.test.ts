import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { backends } from "@rbee/contract";
import { findInstalledBackends } from "./find-installed-backends.ts";

describe("findInstalledBackends", () => {
  let folder: string;
  let workerProgram: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "rbee-engines-"));
    workerProgram = join(folder, "packages/worker/main.js");
    install("linux-x64", { main: "index.js" });
    install("linux-x64-cuda", {
      main: "index.js",
      exports: { ".": { import: "./index.js", default: "./index.js" } },
    });
    install("linux-x64-vulkan", { name: "@rbee/left-out" });
    install("mac-arm64-metal", { main: "index.js" });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function install(name: string, manifest: Readonly<Record<string, unknown>>): void {
    const place = join(folder, "node_modules/@node-llama-cpp", name);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "package.json"), JSON.stringify(manifest));
    if ("main" in manifest) writeFileSync(join(place, "index.js"), "");
  }

  function find(platform: NodeJS.Platform, architecture: string, changes: object = {}) {
    const manifest = { name: "w", engine: "e", command: ["node", workerProgram], ...changes };
    return [...findInstalledBackends({ manifest, workerProgram, platform, architecture })];
  }

  it("finds the engines whose packages are there, and not those that were left out", () => {
    assert.deepEqual(find("linux", "x64"), ["cpu", "cuda"]);
    assert.deepEqual(find("darwin", "arm64"), ["cpu", "metal"]);
    assert.deepEqual(find("linux", "arm64"), ["cpu"]);
  });

  it("believes a manifest that names its backends", () => {
    assert.deepEqual(find("linux", "x64", { backends: ["rocm"] }), ["rocm"]);
  });

  it("expects everything of a foreign worker that names none", () => {
    assert.deepEqual(find("linux", "x64", { command: ["./other"] }), [...backends]);
  });
});
