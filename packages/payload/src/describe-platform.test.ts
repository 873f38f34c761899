import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { describePlatform } from "./describe-platform.ts";

describe("describePlatform", () => {
  it("knows what uname says, and what Node says", () => {
    assert.equal(describePlatform("Linux\n", "x86_64\n"), "linux-x64");
    assert.equal(describePlatform("Linux", "aarch64"), "linux-arm64");
    assert.equal(describePlatform("Darwin", "arm64"), "darwin-arm64");
    assert.equal(describePlatform("Darwin", "x86_64"), "darwin-x64");
    assert.equal(describePlatform(process.platform, "x64"), `${process.platform}-x64`);
  });

  it("knows nothing of machines that rbee does not run on", () => {
    for (const [osName, machine] of [
      ["Linux", "riscv64"],
      ["Linux", "armv7l"],
      ["FreeBSD", "amd64"],
      ["", ""],
      ["constructor", "x64"],
    ] as const) {
      assert.equal(describePlatform(osName, machine), undefined, `${osName} ${machine}`);
    }
  });
});
