// The tools are small programs in a folder that is put before the PATH of this process: what is
// tested is the real road from a question to a process and back.
import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { sizes } from "@rbee/contract";
import type { BackendName } from "@rbee/contract";
import { createDeviceProbe } from "./create-device-probe.ts";
import { listGpuSources } from "./gpu-sources.ts";

const never = new AbortController().signal;
const fixtures = join(import.meta.dirname, "__fixtures__");
const originalPath = process.env["PATH"] ?? "";

let folder: string;
let warnings: unknown[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rbee-tools-"));
  process.env["PATH"] = `${folder}${delimiter}${originalPath}`;
  warnings = [];
});
afterEach(() => {
  process.env["PATH"] = originalPath;
  rmSync(folder, { recursive: true, force: true });
});

// Every run of a tool leaves a line in a file of its name.
function installTool(name: string, script: string): void {
  const head = `#!/bin/sh\necho "$@" >> ${join(folder, `${name}.runs`)}\n`;
  writeFileSync(join(folder, name), `${head}${script}\n`, { mode: 0o755 });
}

function countRuns(name: string): number {
  return readFileSync(join(folder, `${name}.runs`), "utf8")
    .trim()
    .split("\n").length;
}

function openProbe(...installed: readonly BackendName[]) {
  const logger = { warn: (line: unknown) => warnings.push(line) };
  return createDeviceProbe({
    sources: listGpuSources("linux"),
    modelsFolder: join(folder, "not", "made", "yet"),
    memoryLimitBytes: () => 512 * sizes.bytesPerMb,
    installedBackends: () => new Set(["cpu" as const, ...installed]),
    logger: logger as never,
  });
}

describe("the device probe", () => {
  it("describes a machine without a GPU, and remembers which tools are absent", async () => {
    const probe = openProbe("cuda", "vulkan");
    const devices = await probe.detect(never);
    assert.deepEqual(devices.gpus, []);
    assert.deepEqual(devices.backends, ["cpu"]);
    assert.ok(devices.cpu.cores >= 1 && devices.cpu.model !== "");
    assert.ok(devices.ram.availableBytes > 0);
    assert.ok(devices.ram.availableBytes <= devices.ram.totalBytes);
    assert.equal(devices.ram.limitBytes, 512 * sizes.bytesPerMb);
    assert.ok(devices.disk.availableBytes > 0 && devices.disk.path.startsWith(folder));
    assert.deepEqual(warnings, []);
    installTool("nvidia-smi", `cat ${fixtures}/nvidia-smi-two-gpus.csv`);
    assert.deepEqual((await probe.detect(never)).gpus, []);
  });

  it("reads GPUs from the vendors' tools, and uses those whose engine is installed", async () => {
    installTool("nvidia-smi", `cat ${fixtures}/nvidia-smi-two-gpus.csv`);
    installTool("rocm-smi", `cat ${fixtures}/rocm-smi-two-cards.json`);
    const devices = await openProbe("cuda").detect(never);
    assert.deepEqual(
      devices.gpus.map(({ backend, index }) => `${backend}:${index}`),
      ["cuda:0", "cuda:1", "rocm:0", "rocm:1"],
    );
    assert.deepEqual(devices.backends, ["cpu", "cuda"]);
  });

  it("reads only the memory of usable GPUs anew before a spawn", async () => {
    installTool("nvidia-smi", `cat ${join(folder, "answer")}`);
    installTool("rocm-smi", `cat ${fixtures}/rocm-smi-two-cards.json`);
    writeFileSync(join(folder, "answer"), "0, GPU, 1000, 900, 40, 0\n");
    const probe = openProbe("cuda");
    await probe.detect(never);
    writeFileSync(join(folder, "answer"), "0, GPU, 1000, 300, 40, 0\n");
    const devices = await probe.readMemory(never);
    const [gpu] = devices.gpus;
    assert.equal(gpu?.memoryFreeBytes, 300 * sizes.bytesPerMb);
    assert.equal(devices.gpus.length, 3);
    assert.deepEqual([countRuns("nvidia-smi"), countRuns("rocm-smi")], [2, 1]);
  });

  it("falls back to amd-smi where rocm-smi is absent", async () => {
    const file = (name: string) => `${fixtures}/amd-smi-${name}.json`;
    installTool("amd-smi", `[ "$1" = static ] && cat ${file("static")} || cat ${file("metric")}`);
    const { gpus } = await openProbe().detect(never);
    assert.deepEqual(
      gpus.map(({ name }) => name),
      ["AMD Instinct MI300X"],
    );
  });

  it("asks vulkaninfo for memory only when its summary names a GPU", async () => {
    installTool("vulkaninfo", `cat ${fixtures}/vulkaninfo-summary-software.txt`);
    assert.deepEqual((await openProbe("vulkan").detect(never)).gpus, []);
    assert.equal(countRuns("vulkaninfo"), 1);
    const file = (name: string) => `${fixtures}/vulkaninfo-${name}.txt`;
    installTool(
      "vulkaninfo",
      `[ "$1" = --summary ] && cat ${file("summary")} || cat ${file("full")}`,
    );
    const { gpus, ram, backends } = await openProbe("vulkan").detect(never);
    assert.deepEqual(backends, ["cpu", "vulkan"]);
    assert.deepEqual(
      gpus.map(({ hasUnifiedMemory }) => hasUnifiedMemory),
      [false, true],
    );
    assert.equal(gpus[1]?.memoryTotalBytes, ram.totalBytes);
  });

  it("goes on with a broken driver, logs it once, and finds the GPU when it is mended", async () => {
    const failing = `cat ${fixtures}/nvidia-smi-driver-failed.txt; exit 9`;
    installTool("nvidia-smi", failing);
    const probe = openProbe("cuda");
    const broken = await probe.detect(never);
    assert.deepEqual(broken.backends, ["cpu"]);
    assert.equal(broken.toolProblems?.[0]?.tool, "nvidia-smi");
    assert.deepEqual((await probe.readMemory(never)).gpus, []);
    const problems = warnings.map((line) => (line as { problem: string }).problem);
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? "", /couldn't communicate with the NVIDIA driver/);
    installTool("nvidia-smi", `cat ${fixtures}/nvidia-smi-two-gpus.csv`);
    const mended = await probe.readMemory(never);
    assert.equal(mended.gpus.length, 2);
    assert.deepEqual(mended.toolProblems, []);
  });

  it("says what a tool wrote to stderr, and what cannot be read", async () => {
    installTool("nvidia-smi", `cat ${fixtures}/nvidia-smi-version-mismatch.txt >&2; exit 18`);
    installTool("rocm-smi", "echo no json");
    await openProbe().detect(never);
    const problems = warnings.map((line) => (line as { problem: string }).problem);
    assert.match(problems.join("\n"), /Driver\/library version mismatch/);
    assert.match(problems.join("\n"), /cannot be read/);
  });

  it("ends the tool when nobody waits any more", async () => {
    installTool("nvidia-smi", "exec sleep 60");
    appendFileSync(join(folder, "nvidia-smi.runs"), "");
    const control = new AbortController();
    const detecting = openProbe().detect(control.signal);
    control.abort(new Error("gone"));
    await assert.rejects(detecting, { message: "gone" });
  });
});
