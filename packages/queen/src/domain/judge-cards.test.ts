import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judgeCards } from "./judge-cards.ts";
import { readNodeCondition } from "./node-condition.ts";

// The lines of vendors' tools are constructed from the documentation.
const nvidia = "card=0x10de nvidia";
const whole = ["os=Linux", "end=yes"];

function judge(...lines: string[]) {
  const condition = readNodeCondition([...lines, ...whole]);
  if (condition === undefined) throw new Error("not whole");
  return judgeCards(condition);
}

describe("the cards of a machine", () => {
  it("that have no driver of their own are told, with who has them instead", () => {
    const [finding] = judge("card=0x10de nouveau");
    assert.equal(finding?.status, "problem");
    assert.match(finding?.found ?? "", /NVIDIA's driver is not loaded \(nouveau has it\)/);
    assert.match(finding?.advice ?? "", /install NVIDIA's driver/);
    assert.match(judge("card=0x10de")[0]?.found ?? "", /not loaded: models run on the CPU/);
  });

  it("whose tool fails are told with its words, and after an update with the cure", () => {
    const said = "Failed to initialize NVML: Driver/library version mismatch";
    const [updated] = judge(nvidia, "nvidia_driver=loaded", `nvidia_smi=18 ${said}`);
    assert.ok(updated?.found.includes(said));
    assert.match(updated?.advice ?? "", /restart that machine/);
    const [broken] = judge(nvidia, "nvidia_driver=loaded", "nvidia_smi=9 No devices were found");
    assert.match(broken?.found ?? "", /No devices were found/);
    const [blind] = judge(nvidia, "nvidia_driver=loaded");
    assert.match(blind?.found ?? "", /without nvidia-smi/);
  });

  it("that work are fine, and others are nobody's business", () => {
    const [finding] = judge(nvidia, nvidia, "nvidia_driver=loaded", "nvidia_smi=0 GPU 0: RTX");
    assert.deepEqual(
      [finding?.status, finding?.found],
      ["ok", "2 NVIDIA GPUs, the driver answers"],
    );
    assert.deepEqual(judge("card=0x8086 i915", "card=0x1002 amdgpu"), []);
    assert.match(judge("card=0x1002 ")[0]?.found ?? "", /AMD GPU with no driver/);
  });
});

describe("a look at a machine", () => {
  it("counts only when it came to its end", () => {
    assert.equal(readNodeCondition(["os=Linux", "machine=x86_64"]), undefined);
    assert.equal(readNodeCondition([]), undefined);
  });
});
