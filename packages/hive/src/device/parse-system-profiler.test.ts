import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseSystemProfiler } from "./parse-system-profiler.ts";
import { parseVmStat } from "./parse-vm-stat.ts";
import { readFixture } from "./read-fixture.ts";

const gibibyte = 2 ** 30;
const applesOwn = readFixture("system-profiler-m2-pro.json");

function limitOf(memory: Parameters<typeof parseSystemProfiler>[1]): unknown {
  return parseSystemProfiler(applesOwn, memory)[0]?.memory;
}

describe("parseSystemProfiler", () => {
  it("reads Apple's GPU as unified memory", () => {
    const [gpu, ...others] = parseSystemProfiler(applesOwn, { totalBytes: 24 * gibibyte });
    assert.deepEqual(others, []);
    assert.deepEqual(gpu, {
      index: 0,
      backend: "metal",
      name: "Apple M2 Pro",
      memory: { kind: "unified", limitBytes: 16 * gibibyte },
    });
  });

  it("gives the GPU three quarters of a large memory, or what the person has set", () => {
    const totalBytes = 64 * gibibyte;
    assert.deepEqual(limitOf({ totalBytes }), { kind: "unified", limitBytes: 48 * gibibyte });
    assert.deepEqual(limitOf({ totalBytes, wiredLimitBytes: 60 * gibibyte }), {
      kind: "unified",
      limitBytes: 60 * gibibyte,
    });
  });

  it("leaves out GPUs that are not Apple's own", () => {
    const intel = readFixture("system-profiler-intel-amd.json");
    assert.deepEqual(parseSystemProfiler(intel, { totalBytes: gibibyte }), []);
    assert.deepEqual(parseSystemProfiler("{}", { totalBytes: gibibyte }), []);
  });
});

describe("parseVmStat", () => {
  it("adds up what macOS could hand out", () => {
    assert.equal(parseVmStat(readFixture("vm-stat.txt")), 335_000 * 16_384);
  });

  it("knows when it is something else", () => {
    assert.equal(parseVmStat("vm_stat: command failed"), undefined);
  });
});
