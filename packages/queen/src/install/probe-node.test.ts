import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import { readFacts } from "./probe-node.ts";

const debian = [
  "os=Linux",
  "machine=x86_64",
  "home=/home/bee",
  "libc=glibc 2.36",
  "path=/home/bee/rbee",
  "disk=/dev/vda1 263174212 18443712 231289364 8% /",
  "writable=yes",
  "gzip=yes",
];

// Lines as nvidia-smi 550 and vulkaninfo 1.3 print them.
const nvidia =
  "nvidia=GPU 0: NVIDIA GeForce RTX 3090 (UUID: GPU-6f1a2b3c-0000-1111-2222-333344445555)";
const radeon = [
  "vulkan=deviceType         = PHYSICAL_DEVICE_TYPE_DISCRETE_GPU",
  "vulkan=deviceName         = AMD Radeon RX 7900 XTX (RADV NAVI31)",
];
const software = [
  "vulkan=deviceType         = PHYSICAL_DEVICE_TYPE_CPU",
  "vulkan=deviceName         = llvmpipe (LLVM 15.0.6, 256 bits)",
];

function refusalOf(lines: readonly string[]) {
  try {
    readFacts("mac", lines);
  } catch (error) {
    assert.ok(RbeeError.is(error, "PLATFORM_UNSUPPORTED"), String(error));
    return error.details;
  }
  return assert.fail("it was to be refused");
}

const without = (key: string) => debian.filter((line) => !line.startsWith(`${key}=`));

describe("what is read of a node", () => {
  it("is its platform, its path, its free disk and what is there already", () => {
    assert.deepEqual(readFacts("mac", [...debian, "runtime=v24.21.0 /home/bee/rbee/node"]), {
      installPath: "/home/bee/rbee",
      platform: "linux-x64",
      gpu: "cpu",
      gpuReason: "no GPU",
      bytesFree: 231_289_364 * 1024,
      unwritable: undefined,
      hasGzip: true,
      runtime: "/home/bee/rbee/node",
    });
  });

  it("is the kind of its GPU, by what answers there", () => {
    const kind = (...lines: string[]) => {
      const { gpu, gpuReason } = readFacts("mac", [...debian, ...lines]);
      return [gpu, gpuReason];
    };
    assert.deepEqual(kind(nvidia), ["cuda", "NVIDIA GeForce RTX 3090"]);
    assert.deepEqual(kind(...radeon), ["vulkan", "AMD Radeon RX 7900 XTX (RADV NAVI31)"]);
    assert.deepEqual(kind(...software), ["cpu", "no GPU"]);
    assert.deepEqual(kind("card=0x10de"), ["cpu", "NVIDIA card, but no driver that answers"]);
    assert.deepEqual(kind("card=0x1234"), ["cpu", "no GPU"]);
  });

  it("is a Mac's GPU without asking", () => {
    const mac = ["os=Darwin", "machine=arm64", "path=/Users/bee/rbee", "writable=yes"];
    const { platform, gpu } = readFacts("mac", mac);
    assert.deepEqual([platform, gpu], ["darwin-arm64", "metal"]);
  });

  it("ignores what a login shell or a full terminal puts between", () => {
    const noise = ["Welcome!", "", "os", "=Plan9"];
    assert.equal(readFacts("mac", [...noise, ...debian, ...noise]).platform, "linux-x64");
  });

  it("does not take a Node that is too old for ours", () => {
    assert.equal(readFacts("mac", [...debian, "runtime=v20.1.0 /x"]).runtime, undefined);
  });

  it("names what rbee does not run on", () => {
    assert.equal(
      refusalOf([...without("libc"), "libc=musl"]).platform,
      "Linux on x86_64 with musl",
    );
    const old = refusalOf([...without("libc"), "libc=glibc 2.17"]);
    assert.match(old.reason, /glibc 2\.28 or newer/);
    const strange = refusalOf([...without("machine"), "machine=riscv64"]);
    assert.equal(strange.platform, "Linux on riscv64");
    assert.match(refusalOf([]).platform, /unknown system/);
  });

  it("is nothing when the shell there says nothing of use", () => {
    assert.throws(
      () => readFacts("mac", without("path")),
      (error) => RbeeError.is(error, "INVALID_RESPONSE"),
    );
  });
});
