// What the doctor sees of a person's own files and ports.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { makeKey } from "@rbee/testkit";
import { openConfiguration } from "../open-configuration.ts";
import { checkGpu } from "./check-gpu.ts";
import { checkHivePort } from "./check-hive-port.ts";
import { checkLeftovers } from "./check-leftovers.ts";
import { checkPath } from "./check-path.ts";
import { checkSshFiles, isEncrypted } from "./check-ssh-files.ts";

const root = mkdtempSync(join(tmpdir(), "rbee-doctor-"));
after(() => rmSync(root, { recursive: true, force: true }));
let count = 0;

function newHome(): string {
  const home = join(root, String((count += 1)));
  mkdirSync(join(home, ".ssh"), { recursive: true });
  return home;
}

describe("the doctor and a person's SSH keys", () => {
  it("says how to make one where there is none", () => {
    const [finding] = checkSshFiles({ HOME: newHome() });
    assert.equal(finding?.status, "warning");
    assert.match(finding?.advice ?? "", /ssh-keygen -t ed25519.*ssh-copy-id/);
  });

  it("tells one that works, one open to others, and one that nobody can unlock", () => {
    const home = newHome();
    const key = join(home, ".ssh/id_ed25519");
    makeKey(key);
    assert.deepEqual(checkSshFiles({ HOME: home })[0]?.status, "ok");
    chmodSync(key, 0o640);
    const [open] = checkSshFiles({ HOME: home });
    assert.match(open?.found ?? "", /mode 640/);
    assert.equal(open?.advice, `chmod 600 ${key}`);
    makeKey(key, "a passphrase");
    const [locked] = checkSshFiles({ HOME: home });
    assert.match(locked?.found ?? "", /has a passphrase and there is no agent/);
    assert.match(locked?.advice ?? "", /ssh-add/);
    const [helped] = checkSshFiles({ HOME: home, SSH_AUTH_SOCK: key });
    assert.equal(helped?.status, "ok");
  });

  it("knows an encrypted key in each of its forms", () => {
    const file = join(newHome(), "key");
    const make = (...words: string[]) => {
      rmSync(file, { force: true });
      execFileSync("ssh-keygen", ["-q", "-f", file, ...words]);
      return execFileSync("cat", [file], { encoding: "utf8" });
    };
    assert.equal(isEncrypted(make("-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "")), false);
    assert.equal(isEncrypted(make("-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "secret")), true);
    assert.equal(isEncrypted(make("-t", "rsa", "-b", "2048", "-m", "PKCS8", "-N", "secret")), true);
    assert.equal(isEncrypted(make("-t", "ecdsa", "-N", "secret")), true);
    assert.equal(isEncrypted(make("-t", "ecdsa", "-N", "")), false);
  });

  it("finds the configuration that ssh refuses to read", () => {
    const home = newHome();
    const config = join(home, ".ssh/config");
    writeFileSync(config, "Host *\n");
    chmodSync(config, 0o666);
    const [finding] = checkSshFiles({ HOME: home });
    assert.deepEqual([finding?.status, finding?.advice], ["problem", `chmod 600 ${config}`]);
  });
});

describe("the doctor and what was left", () => {
  it("names the process of a pid file that is gone, and is silent about one that runs", () => {
    const run = join(newHome(), "run");
    assert.deepEqual(checkLeftovers(run), []);
    mkdirSync(run);
    writeFileSync(join(run, "queen.pid"), `${process.pid}\n`);
    assert.deepEqual(checkLeftovers(run), []);
    writeFileSync(join(run, "hive.pid"), "4194300\n");
    const [finding, ...rest] = checkLeftovers(run);
    assert.match(finding?.found ?? "", /hive\.pid names process 4194300, which is gone/);
    assert.match(finding?.advice ?? "", /^rm /);
    assert.deepEqual(rest, []);
    writeFileSync(join(run, "hive.pid"), "");
    assert.match(checkLeftovers(run)[0]?.found ?? "", /names no process/);
  });
});

describe("the doctor and the hive's port", () => {
  it("tells a free port from one that another program has", async () => {
    const server = createServer((_request, response) => response.end("meow"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const configuration = openConfiguration({
      environment: { RBEE_HIVE_PORT: String(port) },
      homeDirectory: newHome(),
      configFile: undefined,
      queenUrl: undefined,
    });
    const taken = await checkHivePort(configuration);
    server.close();
    server.closeAllConnections();
    assert.equal(taken.status, "problem");
    assert.match(taken.found, new RegExp(`another program listens at .*${port}.*not rbee-hive`));
    assert.match(taken.advice ?? "", /\[hive\] port/);
    assert.match((await checkHivePort(configuration)).found, /not running/);
  });
});

describe("the doctor and the PATH", () => {
  it("says which line makes the shell find what is installed", () => {
    const home = newHome();
    assert.deepEqual(checkPath({ HOME: home, PATH: "/bin" }), []);
    const folder = join(home, ".local/bin");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "rbee-keeper"), "");
    const [finding] = checkPath({ HOME: home, PATH: "/bin" });
    assert.match(finding?.advice ?? "", /export PATH="\/.*\.local\/bin:\$PATH"/);
    assert.equal(checkPath({ HOME: home, PATH: `/bin:${folder}` })[0]?.status, "ok");
  });
});

describe("the doctor and a GPU without a driver", () => {
  it("sees it on the bus, and is content when the driver is there", () => {
    const systemRoot = newHome();
    const device = join(systemRoot, "sys/bus/pci/devices/0000:01:00.0");
    mkdirSync(device, { recursive: true });
    writeFileSync(join(device, "class"), "0x030000\n");
    writeFileSync(join(device, "vendor"), "0x10de\n");
    const machine = { platform: "linux", architecture: "x64", root: systemRoot, systemRoot };
    const finding = checkGpu(machine);
    assert.equal(finding.status, "problem");
    assert.match(finding.found, /driver is not loaded/);
    mkdirSync(join(systemRoot, "proc/driver/nvidia"), { recursive: true });
    writeFileSync(join(systemRoot, "proc/driver/nvidia/version"), "NVRM version: 550");
    assert.match(checkGpu(machine).found, /CUDA build is not installed/);
  });
});
