import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseVulkanMemory, parseVulkanSummary } from "./parse-vulkaninfo.ts";
import { readFixture } from "./read-fixture.ts";

describe("parseVulkanSummary", () => {
  it("names the devices that are GPUs", () => {
    assert.deepEqual(parseVulkanSummary(readFixture("vulkaninfo-summary.txt")), [
      { index: 0, name: "AMD Radeon RX 7900 XTX (RADV NAVI31)", kind: "own" },
      { index: 1, name: "Intel(R) UHD Graphics 770 (RPL-S)", kind: "unified" },
    ]);
  });

  it("does not take a processor for a GPU", () => {
    assert.deepEqual(parseVulkanSummary(readFixture("vulkaninfo-summary-software.txt")), []);
    assert.deepEqual(parseVulkanSummary("ERROR_INCOMPATIBLE_DRIVER"), []);
  });
});

describe("parseVulkanMemory", () => {
  it("takes the largest local heap, and what the driver allows of it", () => {
    const devices = parseVulkanSummary(readFixture("vulkaninfo-summary.txt"));
    assert.deepEqual(parseVulkanMemory(readFixture("vulkaninfo-full.txt"), devices), [
      {
        index: 0,
        backend: "vulkan",
        name: "AMD Radeon RX 7900 XTX (RADV NAVI31)",
        memory: { kind: "own", totalBytes: 25_753_026_560, freeBytes: 24_000_000_000 },
      },
      {
        index: 1,
        backend: "vulkan",
        name: "Intel(R) UHD Graphics 770 (RPL-S)",
        memory: { kind: "unified" },
      },
    ]);
  });

  it("leaves out a GPU whose memory the answer does not tell", () => {
    const device = { index: 7, name: "GPU", kind: "own" } as const;
    assert.deepEqual(parseVulkanMemory(readFixture("vulkaninfo-full.txt"), [device]), []);
  });
});
