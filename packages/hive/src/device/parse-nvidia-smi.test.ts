import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseNvidiaSmi } from "./parse-nvidia-smi.ts";
import { readFixture } from "./read-fixture.ts";

const megabyte = 1_048_576;

describe("parseNvidiaSmi", () => {
  it("reads each GPU with its memory in bytes", () => {
    assert.deepEqual(parseNvidiaSmi(readFixture("nvidia-smi-two-gpus.csv")), [
      {
        index: 0,
        backend: "cuda",
        name: "NVIDIA GeForce RTX 4090",
        memory: { kind: "own", totalBytes: 24_564 * megabyte, freeBytes: 23_028 * megabyte },
        temperatureC: 45,
        utilizationPercent: 3,
      },
      {
        index: 1,
        backend: "cuda",
        name: "NVIDIA GeForce RTX 3060",
        memory: { kind: "own", totalBytes: 12_288 * megabyte, freeBytes: 11_774 * megabyte },
        temperatureC: 38,
        utilizationPercent: 0,
      },
    ]);
  });

  it("leaves out unknown figures, and GPUs that cannot be used", () => {
    assert.deepEqual(parseNvidiaSmi(readFixture("nvidia-smi-odd-fields.csv")), [
      {
        index: 0,
        backend: "cuda",
        name: "Quadro, Special Edition",
        memory: { kind: "own", totalBytes: 16_384 * megabyte, freeBytes: 16_000 * megabyte },
      },
      {
        index: 1,
        backend: "cuda",
        name: "NVIDIA GB10",
        memory: { kind: "unified" },
        temperatureC: 41,
        utilizationPercent: 0,
      },
    ]);
  });

  it("finds no GPU in what it says without one", () => {
    for (const name of ["driver-failed", "version-mismatch", "no-devices"]) {
      assert.deepEqual(parseNvidiaSmi(readFixture(`nvidia-smi-${name}.txt`)), []);
    }
    assert.deepEqual(parseNvidiaSmi(""), []);
  });
});
