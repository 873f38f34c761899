import assert from "node:assert/strict";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { DoctorFinding } from "@rbee/contract";
import { createSshHost, makeKey, sshHostObstacle } from "@rbee/testkit";
import type { SshHost, SshHostOptions } from "@rbee/testkit";
import { probePort } from "../gateway/probe-port.ts";
import type { RegisteredNode } from "../node-ports.ts";
import type { Errand, NodeAccess } from "../ports.ts";
import { registeredHost } from "../registered-node-fixture.ts";
import { createSsh } from "../ssh/create-ssh.ts";
import { createNodeDoctor } from "./examine-node.ts";

const skip = sshHostObstacle() ?? false;

interface Patient extends AsyncDisposable {
  readonly host: SshHost;
  /** Programs in here are found first on the host. */
  readonly binaries: string;
  readonly examine: (change?: Partial<RegisteredNode>) => Promise<Findings>;
}

type Findings = (check: string) => DoctorFinding;

async function openPatient(options: SshHostOptions = {}): Promise<Patient> {
  const host = await createSshHost(options);
  const ssh = createSsh({
    knownHosts: join(host.folder, "known_hosts"),
    socketFolder: join(host.folder, "sockets"),
    connectTimeoutMs: 700,
  });
  const binaries = join(host.home, "bin");
  mkdirSync(binaries);
  const signal = new AbortController().signal;
  const hop = { correlationId: "c", traceparent: undefined, deadline: undefined, signal };
  const errand: Errand = { hop, story: () => {} };
  const registered = registeredHost(host, {
    installPath: join(host.home, "rbee"),
    status: "unknown",
  });
  await ssh.connect(registered, { ...errand, signal, acceptHostKey: "new" });
  await ssh.close("mac");
  return {
    host,
    binaries,
    async examine(change = {}) {
      const row = { ...registered, ...change };
      const doctor = createNodeDoctor({
        ssh,
        registry: { find: () => row },
        probePort,
        version: "0.1.0",
        hiveProgram: () => undefined,
        nowMs: Date.now,
      });
      const { findings } = await doctor.examine(nodeOf(host), errand);
      await ssh.close("mac");
      return (check) => {
        const found = findings.find((finding) => finding.check === check);
        if (found !== undefined) return found;
        throw new Error(`nothing about ${check} in ${JSON.stringify(findings)}`);
      };
    },
    async [Symbol.asyncDispose]() {
      await ssh.close();
      await host.close();
    },
  };
}

// The doctor asks of a node no more than this before it has a hive.
function nodeOf(host: SshHost): NodeAccess {
  const hive = { host: host.address, port: 19_200, url: `http://${host.address}:19200` };
  return { name: "mac", isLocal: false, hive } as NodeAccess;
}

function install(host: SshHost, script: string): void {
  const folder = join(host.home, "rbee/bin");
  mkdirSync(folder, { recursive: true });
  const program = join(folder, "rbee-hive");
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
}

function fake(patient: Patient, program: string, script: string): void {
  writeFileSync(join(patient.binaries, program), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

// The system's programs, after those of the host.
async function openWithBinaries(): Promise<Patient> {
  const path = "/usr/local/bin:/usr/bin:/bin";
  const patient = await openPatient({ loginShell: `env PATH="$HOME/bin:${path}" /bin/sh` });
  return patient;
}

describe("the doctor at the door of a machine", { skip }, () => {
  it("is let in, and says how", async () => {
    await using patient = await openPatient();
    const about = await patient.examine();
    assert.equal(about("ssh").status, "ok");
    assert.match(about("ssh").found, new RegExp(`${patient.host.address}:${patient.host.port}`));
    assert.equal(about("system").status, "ok");
    assert.equal(about("clock").status, "ok");
    assert.match(about("disk").found, /\d+ MB free/);
    assert.match(about("memory").found, /\d+ of \d+ MB available/);
  });

  it("tells a server that is off from a host that is silent and a name that is none", async () => {
    await using patient = await openPatient();
    patient.host.freeze();
    const silent = (await patient.examine())("ssh");
    assert.match(silent.found, /Connection timeout.*3 attempts/);
    assert.match(silent.advice ?? "", /switched on and reachable/);
    patient.host.unfreeze();
    await patient.host.stop();
    const refused = (await patient.examine())("ssh");
    assert.match(refused.found, /refused the SSH connection/);
    assert.match(refused.advice ?? "", /SSH server running/);
    const unknown = (await patient.examine({ sshHost: "no-such-host.invalid" }))("ssh");
    assert.match(unknown.found, /does not resolve/);
    assert.match(unknown.advice ?? "", /\/etc\/hosts/);
  });

  it("misses the SSH client of its own machine, and says how to install it", async () => {
    await using patient = await openPatient();
    const path = process.env["PATH"];
    process.env["PATH"] = patient.host.folder;
    try {
      const finding = (await patient.examine())("ssh");
      assert.match(finding.found, /has no OpenSSH client/);
      assert.match(finding.advice ?? "", /apt-get install openssh-client/);
    } finally {
      process.env["PATH"] = path;
    }
  });

  it("shows both fingerprints of a host key that has changed, and how to accept it", async () => {
    await using patient = await openPatient();
    const recorded = patient.host.hostKeyFingerprint();
    await patient.host.changeHostKey();
    const finding = (await patient.examine())("ssh");
    assert.ok(finding.found.includes(recorded), finding.found);
    assert.ok(finding.found.includes(patient.host.hostKeyFingerprint()), finding.found);
    assert.match(finding.advice ?? "", /update-node --name mac --accept-host-key/);
  });

  it("tells a key that is missing, a folder, open to others, denied, or locked", async () => {
    await using patient = await openPatient();
    const { host, examine } = patient;
    const missing = (await examine({ sshKeyPath: join(host.home, "none") }))("ssh");
    assert.match(missing.found, /does not exist[^]*none/);
    assert.match(missing.advice ?? "", /--ssh-key/);
    assert.match((await examine({ sshKeyPath: host.home }))("ssh").found, /is a directory/);
    chmodSync(host.clientKey, 0o644);
    assert.match((await examine())("ssh").found, /mode 644[^]*chmod 600/);
    chmodSync(host.clientKey, 0o600);
    const stranger = join(host.folder, "stranger");
    makeKey(stranger);
    const denied = (await examine({ sshKeyPath: stranger }))("ssh");
    assert.match(denied.found, /Permission denied for/);
    assert.match(denied.advice ?? "", /ssh-copy-id/);
    const locked = join(host.folder, "locked");
    makeKey(locked, "a passphrase");
    host.authorize(`${locked}.pub`);
    const encrypted = (await examine({ sshKeyPath: locked }))("ssh");
    assert.match(encrypted.found, /passphrase/);
    assert.match(encrypted.advice ?? "", new RegExp(`ssh-add ${locked}`));
  });
});

describe("the doctor inside a machine", { skip }, () => {
  it("misses the program, and says what installs it", async () => {
    await using patient = await openPatient();
    const absent = (await patient.examine())("rbee there");
    assert.equal(absent.status, "problem");
    assert.match(absent.found, /not installed.*rbee\/bin\/rbee-hive/);
    assert.equal(absent.advice, "rbee-keeper setup install --node mac");
  });

  it("tells an old program, one that does not run, and one that may not", async () => {
    await using patient = await openPatient();
    const { host, examine } = patient;
    install(host, "echo 0.0.9");
    assert.match((await examine())("rbee there").found, /v0\.0\.9 is older than.*v0\.1\.0/);
    install(host, "echo 0.2.0");
    const newer = (await examine())("rbee there");
    assert.match(newer.found, /v0\.2\.0 is newer/);
    assert.match(newer.advice ?? "", /Upgrade this machine to v0\.2\.0/);
    install(host, "echo libstdc++.so.6: cannot open shared object file >&2; exit 127");
    assert.match((await examine())("rbee there").found, /does not run: libstdc\+\+/);
    chmodSync(join(host.home, "rbee/bin/rbee-hive"), 0o644);
    assert.match((await examine())("rbee there").found, /cannot be run/);
    install(host, "echo 0.1.7");
    assert.equal((await examine())("rbee there").status, "ok");
  });

  it("sees a clock that is wrong, a disk that is full, and what a killed hive left", async () => {
    await using patient = await openWithBinaries();
    fake(patient, "date", "echo $(($(/bin/date +%s) - 400))");
    fake(patient, "df", "echo head; echo '/dev/sda1 100000 99900 100 100% /'");
    const state = join(patient.host.home, ".rbee");
    mkdirSync(join(state, "run"), { recursive: true });
    mkdirSync(join(state, "keys"));
    writeFileSync(join(state, "run/hive.pid"), "4194300\n");
    writeFileSync(join(state, "keys/hive.key"), "0123456789abcdef\n", { mode: 0o644 });
    const about = await patient.examine();
    assert.match(about("clock").found, /^(?:399|400|401) s behind/);
    assert.match(about("clock").advice ?? "", /set-ntp true/);
    assert.equal(about("disk").status, "problem");
    assert.match(about("leftovers").found, /4194300, which is gone/);
    assert.match(about("key").found, /-rw-r--r--/);
    assert.match(about("key").advice ?? "", /chmod 600/);
    rmSync(join(state, "keys/hive.key"));
  });

  it("is not confused by what a login shell prints", async () => {
    await using patient = await openPatient({ banner: "os=Plan9\nWelcome!" });
    assert.match((await patient.examine())("system").found, /^Linux on /);
  });
});
