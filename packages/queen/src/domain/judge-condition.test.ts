import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import type { DoctorFinding } from "@rbee/contract";
import { judgeCondition } from "./judge-condition.ts";
import { judgeFailure } from "./judge-failure.ts";
import { judgeWay } from "./judge-way.ts";
import { readNodeCondition } from "./node-condition.ts";

const usual = {
  os: "Linux",
  machine: "x86_64",
  clock: "1000",
  program: "/home/bee/rbee/bin/rbee-hive",
  version: "0.1.0",
  memory_total_kb: "16000000",
  memory_free_kb: "8000000",
  disk: "/dev/sda1 100000000 1 90000000 1% /",
  end: "yes",
};

function about(check: string, change: Readonly<Record<string, string>> = {}): DoctorFinding {
  const lines = Object.entries({ ...usual, ...change }).map(([key, value]) => `${key}=${value}`);
  const condition = readNodeCondition(lines);
  assert.ok(condition !== undefined);
  const clockBetweenMs = [1_000_000, 1_000_900] as const;
  const findings = judgeCondition({ node: "mac", condition, version: "0.1.0", clockBetweenMs });
  const found = findings.find((finding) => finding.check === check);
  return found ?? { check, status: "ok", found: "nothing", advice: null };
}

describe("the condition of a machine", () => {
  it("is no news when all is well", () => {
    for (const check of ["system", "rbee there", "disk", "memory", "clock"]) {
      assert.equal(about(check).status, "ok", check);
    }
  });

  it("is a problem on a system that rbee has no build for", () => {
    const finding = about("system", { os: "FreeBSD" });
    assert.deepEqual(
      [finding.status, finding.found.slice(0, 17)],
      ["problem", "FreeBSD on x86_64"],
    );
    assert.equal(about("system", { machine: "riscv64" }).status, "problem");
    assert.equal(about("system", { os: "Darwin", machine: "arm64" }).status, "ok");
  });

  it("is a warning with little memory, and with a disk that is nearly full", () => {
    const memory = about("memory", { memory_free_kb: "300000" });
    assert.equal(memory.status, "warning");
    assert.match(memory.found, /^292 of 15625 MB available/);
    assert.match(memory.advice ?? "", /workers list --node mac/);
    assert.equal(about("disk", { disk: "/dev/x 9 9 2000000 99% /" }).status, "warning");
    assert.equal(about("disk", { disk: "/dev/x 9 9 1000 99% /" }).status, "problem");
  });

  it("counts a clock wrong from five seconds on, and a macOS machine has its own cure", () => {
    assert.equal(about("clock", { clock: "1004" }).status, "ok");
    assert.match(about("clock", { clock: "1030" }).found, /^30 s ahead of/);
    assert.equal(about("clock", { clock: "1030" }).status, "warning");
    assert.equal(about("clock", { clock: "900" }).status, "problem");
    assert.match(about("clock", { clock: "900", os: "Darwin" }).advice ?? "", /sntp/);
  });

  it("is a problem when the home cannot be written", () => {
    assert.match(about("home", { unwritable: "/home/bee" }).advice ?? "", /chown/);
  });
});

describe("the way to a hive", () => {
  const way = { node: "mac", host: "10.0.0.5", port: 19_200, isBehindJump: false };

  it("is told apart: open, refused, silently closed, and behind a jump host", () => {
    assert.equal(judgeWay({ ...way, answer: "open" }).status, "ok");
    assert.match(judgeWay({ ...way, answer: "refused" }).found, /is refused: rbee forwards/);
    assert.match(judgeWay({ ...way, answer: "silent" }).found, /not let through \(a firewall\?\)/);
    const jump = judgeWay({ ...way, isBehindJump: true, answer: undefined });
    assert.deepEqual([jump.status, jump.advice], ["ok", null]);
  });
});

describe("an error as a finding", () => {
  it("sends nobody from the doctor to the doctor", () => {
    const reason = "SSH to 10.0.0.5:22: connect to host 10.0.0.5 port 22: No route to host";
    const unreachable = new RbeeError("NODE_UNREACHABLE", { node: "mac", reason });
    const finding = judgeFailure("ssh", unreachable);
    assert.match(finding.found, /No route to host/);
    assert.match(finding.advice ?? "", /in the same network/);
    const other = new RbeeError("NODE_UNREACHABLE", { node: "mac", reason: "it hung up" });
    assert.match(judgeFailure("ssh", other).advice ?? "", /ssh mac/);
    const details = { waited_ms: 9, exit_code: 1, signal: null, last_lines: ["broken"] };
    const failed = new RbeeError("HIVE_START_FAILED", { node: "mac", ...details });
    assert.ok(!(judgeFailure("hive", failed).advice ?? "").includes("doctor"));
  });
});
