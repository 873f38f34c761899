import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import { checkBundledModel, checkDisk, checkHome } from "./check-files.ts";
import { checkGpu } from "./check-gpu.ts";
import { checkMachine } from "./check-machine.ts";
import { checkNode, checkSsh } from "./check-programs.ts";

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), "rbee-doctor-"));
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

const linux = { platform: "linux", architecture: "x64" } as const;

describe("doctor", () => {
  it("wants Node.js 24", () => {
    assert.equal(checkNode("24.21.0").status, "ok");
    assert.equal(checkNode("20.1.0").status, "problem");
  });

  it("looks for ssh in the PATH and says what to install", () => {
    const folder = newFolder();
    assert.equal(checkSsh({ PATH: folder }).status, "warning");
    write(join(folder, "ssh"), "#!/bin/sh\n");
    assert.equal(checkSsh({ PATH: folder }).status, "warning", "a file that cannot be run");
    chmodSync(join(folder, "ssh"), 0o755);
    assert.equal(checkSsh({ PATH: `/nowhere:${folder}` }).found, join(folder, "ssh"));
  });

  it("warns when others can look into rbee's folder", () => {
    const home = newFolder();
    assert.equal(checkHome(home).status, "ok");
    chmodSync(home, 0o755);
    assert.match(checkHome(home).advice ?? "", /^chmod 700 /);
    assert.equal(checkHome(join(home, "none")).status, "ok");
  });

  it("measures the disk where the models go, even before the folder exists", async () => {
    const finding = await checkDisk(join(newFolder(), "not/yet/there"));
    assert.match(finding.found, / free of .*rbee-doctor-/);
  });

  it("misses the bundled model", () => {
    const folder = newFolder();
    assert.equal(checkBundledModel(folder).status, "problem");
    write(join(folder, "hello-bee/hello-bee-3m-q8_0.gguf"), "GGUF");
    assert.equal(checkBundledModel(folder).status, "ok");
  });

  it("goes on when the configuration is broken, and names the wrong keys", async () => {
    const errors = [{ field: "queen.prot", constraint: "known", message: "is no setting of rbee" }];
    const findings = await checkMachine({
      environment: {},
      configuration: undefined,
      configurationError: new RbeeError("INVALID_CONFIGURATION", { file: "/x.toml", errors }),
      probe: undefined,
    });
    const configuration = findings.find(({ check }) => check === "Configuration");
    assert.equal(configuration?.status, "problem");
    assert.match(configuration?.found ?? "", /\/x\.toml[^]*queen\.prot/);
    assert.ok(findings.length > 2);
  });
});

describe("doctor and the GPU", () => {
  it("finds none where there is none", () => {
    const machine = { ...linux, root: newFolder(), systemRoot: newFolder() };
    assert.match(checkGpu(machine).found, /CPU/);
    assert.equal(checkGpu(machine).status, "ok");
  });

  it("gives the command that brings in the missing CUDA build", () => {
    const [root, systemRoot] = [newFolder(), newFolder()];
    write(join(systemRoot, "proc/driver/nvidia/version"), "NVRM version: 550");
    const modules = join(root, "node_modules");
    const manifest = (name: string) => `{"name":"${name}","version":"3.22.1"}`;
    write(join(modules, "node-llama-cpp/package.json"), manifest("node-llama-cpp"));
    const [first = "", second = ""] = ["linux-x64-cuda", "linux-x64-cuda-ext"].map(
      (name) => `@node-llama-cpp/${name}`,
    );
    write(join(modules, first, "package.json"), manifest(first));
    write(join(modules, second, "package.json"), manifest("@rbee/left-out"));
    const finding = checkGpu({ ...linux, root: join(root, "dist"), systemRoot });
    assert.equal(finding.status, "problem");
    assert.match(finding.advice ?? "", /rbee-keeper install --gpu cuda$/);
    write(join(modules, second, "package.json"), manifest(second));
    assert.equal(checkGpu({ ...linux, root: join(root, "dist"), systemRoot }).status, "ok");
  });

  it("offers Vulkan for an AMD GPU, and nothing for other graphics", () => {
    const [root, systemRoot] = [newFolder(), newFolder()];
    const vendor = join(systemRoot, "sys/class/drm/renderD128/device/vendor");
    write(join(root, "node_modules/node-llama-cpp/package.json"), '{"version":"3.22.1"}');
    write(vendor, "0x1002\n");
    assert.match(checkGpu({ ...linux, root, systemRoot }).advice ?? "", /install --gpu vulkan$/);
    write(vendor, "0x8086\n");
    assert.equal(checkGpu({ ...linux, root, systemRoot }).status, "ok");
  });
});
