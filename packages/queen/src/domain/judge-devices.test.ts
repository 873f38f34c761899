import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DevicesOnWire } from "@rbee/contract";
import { judgeDevices } from "./judge-devices.ts";

const gigabyte = 1024 ** 3;
const devices: DevicesOnWire = {
  platform: "linux",
  architecture: "x64",
  cpu: { model: "cpu", cores: 2 },
  ram: { total_bytes: 16 * gigabyte, available_bytes: 8 * gigabyte },
  disk: { path: "/models", total_bytes: 100 * gigabyte, available_bytes: 50 * gigabyte },
  gpus: [],
  backends: ["cpu"],
};
const gpu = {
  index: 0,
  backend: "cuda" as const,
  name: "RTX",
  memory_total_bytes: gigabyte,
  memory_free_bytes: gigabyte,
  unified_memory: false,
};

describe("what devices mean for a person", () => {
  it("is nothing to worry about on a plain machine", () => {
    assert.deepEqual(
      judgeDevices(devices).map(({ check, status }) => [check, status]),
      [
        ["disk", "ok"],
        ["memory", "ok"],
        ["gpu", "ok"],
      ],
    );
  });

  it("is a warning with advice when disk or memory run short", () => {
    const ram = { ...devices.ram, available_bytes: gigabyte / 2 };
    const disk = { ...devices.disk, available_bytes: gigabyte };
    const findings = judgeDevices({ ...devices, ram, disk }).slice(0, 2);
    assert.deepEqual(
      findings.map(({ status }) => status),
      ["warning", "warning"],
    );
    assert.ok(findings.every(({ advice }) => advice !== null));
  });

  it("is an engine build to fetch when a GPU's driver answers but the engine cannot use it", () => {
    const [finding] = judgeDevices({ ...devices, gpus: [gpu] }).slice(2);
    assert.equal(finding?.status, "warning");
    assert.match(finding?.advice ?? "", /@node-llama-cpp\/linux-x64-cuda/);
    const [elsewhere] = judgeDevices({ ...devices, gpus: [gpu] }, "mac").slice(2);
    assert.match(elsewhere?.advice ?? "", /rbee-keeper setup install --node mac/);
    const [fine] = judgeDevices({ ...devices, gpus: [gpu], backends: ["cpu", "cuda"] }).slice(2);
    assert.equal(fine?.status, "ok");
  });

  it("is a tool to look at when it is there and fails, in its own words", () => {
    const tool_problems = [{ tool: "nvidia-smi", problem: "Driver/library version mismatch" }];
    const [finding, ...rest] = judgeDevices({ ...devices, tool_problems }).slice(2);
    assert.match(finding?.found ?? "", /nvidia-smi fails.*Driver\/library version mismatch/);
    assert.deepEqual(rest, []);
  });
});
