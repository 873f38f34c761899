import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { platformNames } from "./describe-platform.ts";
import { engineBuildParts, enginePart, gpuKindsOf, runtimeParts } from "./payload-parts.ts";

const root = join(import.meta.dirname, "../../..");

interface LockFile {
  readonly packages: Readonly<Record<string, { version?: string; integrity?: string }>>;
}

const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as LockFile;
const parts = [
  ...Object.values(runtimeParts),
  enginePart,
  ...platformNames.flatMap((platform) =>
    gpuKindsOf(platform).flatMap((gpu) => engineBuildParts(platform, gpu)),
  ),
];

describe("the parts of payloads", () => {
  it("are what the lock file names, with the same digests", () => {
    let compared = 0;
    for (const { name, version, integrity } of parts) {
      const locked = lock.packages[`node_modules/${name}`];
      if (locked?.version === undefined) continue;
      assert.deepEqual({ name, version, integrity }, { name, ...pick(locked) });
      compared += 1;
    }
    assert.ok(compared >= 7, `${compared} parts stand in the lock file`);
  });

  it("are in versions that the root package asks for", () => {
    const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      optionalDependencies: Readonly<Record<string, string>>;
    };
    for (const { name, version } of Object.values(runtimeParts)) {
      assert.equal(manifest.optionalDependencies[name], version, name);
    }
  });

  it("hold the builds of llama.cpp of one release, and only those that are needed", () => {
    assert.deepEqual(namesOf("linux-x64", "cpu"), ["@node-llama-cpp/linux-x64"]);
    assert.deepEqual(namesOf("linux-x64", "cuda"), [
      "@node-llama-cpp/linux-x64",
      "@node-llama-cpp/linux-x64-cuda",
      "@node-llama-cpp/linux-x64-cuda-ext",
    ]);
    assert.deepEqual(namesOf("darwin-arm64", "metal"), ["@node-llama-cpp/mac-arm64-metal"]);
    assert.deepEqual(namesOf("linux-arm64", "cuda"), []);
    assert.ok(parts.every(({ name, version }) => !name.startsWith("@") || version === "3.22.1"));
  });
});

function namesOf(...wanted: Parameters<typeof engineBuildParts>): string[] {
  return engineBuildParts(...wanted).map(({ name }) => name);
}

function pick({ version, integrity }: { version?: string; integrity?: string }) {
  return { version, integrity };
}
