import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { after, before, describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import { createSshHost, eventually, makeKey, sshHostObstacle } from "@rbee/testkit";
import type { SshHost } from "@rbee/testkit";
import type { Ssh, SshTarget } from "../node-ports.ts";
import { createSsh } from "./create-ssh.ts";
import { parseSshConfig } from "./read-ssh-config.ts";

const skip = sshHostObstacle() ?? false;
const { signal } = new AbortController();
const story = () => {};
const searchPath = process.env["PATH"];
let folder: string;
let host: SshHost;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "rbee-config-"));
  if (skip === false) host = await createSshHost();
});
after(async () => {
  process.env["PATH"] = searchPath;
  if (skip === false) await host.close();
  rmSync(folder, { recursive: true, force: true });
});

// What ssh reads is in the home of the account, wherever HOME points; a machine's own client may
// well be a script that names another file.
function useConfig(text: string): void {
  const real = execFileSync("sh", ["-c", "command -v ssh"], {
    encoding: "utf8",
    env: { PATH: searchPath },
  });
  const config = join(folder, "config");
  writeFileSync(config, text);
  mkdirSync(join(folder, "bin"), { recursive: true });
  const script = `#!/bin/sh\nexec ${real.trim()} -F ${config} "$@"\n`;
  writeFileSync(join(folder, "bin/ssh"), script, { mode: 0o755 });
  process.env["PATH"] = `${join(folder, "bin")}:${searchPath}`;
}

async function withSsh<Result>(
  work: (ssh: Ssh) => Promise<Result>,
  knownHosts = join(folder, "known-hosts"),
): Promise<Result> {
  const ssh = createSsh({
    knownHosts,
    socketFolder: join(folder, "sockets"),
    connectTimeoutMs: 5000,
  });
  try {
    return await work(ssh);
  } finally {
    await ssh.close();
  }
}

function alias(sshHost: string): SshTarget {
  const unset = { sshPort: undefined, sshUser: undefined, sshKeyPath: undefined };
  return { name: "mac", sshHost, ...unset };
}

describe("the person's SSH configuration", { skip }, () => {
  it("says where a name leads, as whom, and with which key", async () => {
    useConfig(readFileSync(host.clientConfig, "utf8"));
    await withSsh(async (ssh) => {
      const target = alias(host.name);
      const { hostName, port, user, isBehindJump } = await ssh.resolve(target);
      assert.deepEqual(
        { hostName, port, user, isBehindJump },
        { hostName: host.address, port: host.port, user: host.user, isBehindJump: false },
      );
      await ssh.connect(target, { story, signal, acceptHostKey: "new" });
      assert.equal((await ssh.run(target, ["pwd"], { signal })).stdout, `${host.home}\n`);
    });
  });

  it("does no harm with lines that are meant for a terminal", async () => {
    useConfig(
      [
        "Host *",
        "  RemoteCommand tmux",
        "  RequestTTY force",
        "  LogLevel QUIET",
        "  ControlMaster auto",
        "  ControlPath /nowhere/%C",
        "  ControlPersist 10m",
        "  LocalForward 127.0.0.1:1 127.0.0.1:1",
        "  ExitOnForwardFailure yes",
        "  PermitLocalCommand yes",
        `  LocalCommand touch ${folder}/harm`,
        "  ForkAfterAuthentication yes",
        "  SessionType none",
        readFileSync(host.clientConfig, "utf8"),
      ].join("\n"),
    );
    await withSsh(async (ssh) => {
      const target = alias(host.name);
      await ssh.connect(target, { story, signal, acceptHostKey: "new" });
      const run = await ssh.run(target, ["cat"], { signal, input: "hello" });
      assert.deepEqual([run.exitCode, run.stdout, run.stderr], [0, "hello", ""]);
    });
  });

  it("leads through a jump host, on whose far side ports are forwarded", async () => {
    await using jump = await createSshHost({ name: "jump" });
    const known = join(folder, "jump-known-hosts");
    const key = readFileSync(join(jump.folder, "host-key.pub"), "utf8");
    writeFileSync(known, `[${jump.address}]:${jump.port} ${key}`);
    useConfig(
      [
        readFileSync(host.clientConfig, "utf8"),
        "  ProxyJump jump",
        readFileSync(jump.clientConfig, "utf8"),
        `  UserKnownHostsFile ${known}`,
      ].join("\n"),
    );
    const server = createServer((socket) => socket.end("far side"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    await withSsh(async (ssh) => {
      const target = alias(host.name);
      assert.equal((await ssh.resolve(target)).isBehindJump, true);
      await ssh.connect(target, { story, signal, acceptHostKey: "new" });
      assert.equal((await ssh.run(target, ["pwd"], { signal })).stdout, `${host.home}\n`);
      assert.equal(jump.countLogins(), 1);
      const { port: remotePort } = server.address() as AddressInfo;
      const port = await ssh.forward(target, remotePort, signal);
      assert.equal(await readAll(port), "far side");
      await jump.stop();
      await ssh.close("mac");
      const failure = ssh.connect(target, { story, signal });
      const error: unknown = await failure.catch((reason: unknown) => reason);
      assert.ok(RbeeError.is(error, "SSH_CONNECTION_REFUSED"), String(error));
      // The one that refused is named, not the one behind it.
      assert.deepEqual([error.details.host, error.details.port], [jump.address, jump.port]);
    }).finally(() => server.close());
  });

  it("may know another key of the host, which counts until the new one is accepted", async () => {
    const global = join(folder, "global");
    const other = join(folder, "other-host-key");
    makeKey(other);
    const name = `[${host.address}]:${host.port}`;
    writeFileSync(global, `${name} ${readFileSync(`${other}.pub`, "utf8")}`);
    const text = readFileSync(host.clientConfig, "utf8");
    useConfig(`${text}  GlobalKnownHostsFile ${global}\n`);
    const knownHosts = join(folder, "empty-known-hosts");
    await withSsh(async (ssh) => {
      const target = alias(host.name);
      const refused = ssh.connect(target, { story, signal, acceptHostKey: "new" });
      const error: unknown = await refused.catch((reason: unknown) => reason);
      assert.ok(RbeeError.is(error, "SSH_HOST_KEY_CHANGED"), String(error));
      assert.notEqual(error.details.recorded_fingerprint, undefined);
      await ssh.connect(target, { story, signal, acceptHostKey: "changed" });
      await ssh.close(target.name);
      assert.equal((await ssh.run(target, ["true"], { signal })).exitCode, 0);
    }, knownHosts);
  });

  it("may know the host already, by whatever name and key type it is known there", async () => {
    const known = join(folder, "own-known-hosts");
    const name = `[${host.address}]:${host.port}`;
    const key = readFileSync(join(host.folder, "host-key.pub"), "utf8");
    useConfig(`${readFileSync(host.clientConfig, "utf8")}  GlobalKnownHostsFile ${known}\n`);
    const look = async () =>
      withSsh(
        (ssh) => ssh.showHostKey(alias(host.name), { isReplaced: false }),
        join(folder, "nothing-known"),
      );
    writeFileSync(known, `${name} ${key}`);
    const keyType = "ssh-ed25519";
    const shown = { hostKey: host.hostKeyFingerprint(), keyType, recorded: undefined };
    assert.deepEqual(await look(), { ...shown, known: "in-your-known-hosts" });
    writeFileSync(known, "");
    assert.deepEqual(await look(), { ...shown, known: "new" });
    assert.equal(existsSync(join(folder, "nothing-known")), false);
  });

  it("may lead through a jump host to the key that is looked at", async () => {
    await using jump = await createSshHost({ name: "jump" });
    const known = join(folder, "jump-known-hosts");
    const key = readFileSync(join(jump.folder, "host-key.pub"), "utf8");
    writeFileSync(known, `[${jump.address}]:${jump.port} ${key}`);
    const lines = [
      readFileSync(host.clientConfig, "utf8"),
      "  ProxyJump jump",
      readFileSync(jump.clientConfig, "utf8"),
      `  UserKnownHostsFile ${known}`,
    ];
    useConfig(`${lines.join("\n")}\n  LogLevel DEBUG1\n`);
    await withSsh(
      async (ssh) => {
        const shown = await ssh.showHostKey(alias(host.name), { isReplaced: false });
        assert.equal(shown.hostKey, host.hostKeyFingerprint());
        assert.equal(shown.known, "new");
      },
      join(folder, "nothing-known"),
    );
  });

  it("may be broken, which is said in ssh's words", async () => {
    useConfig("Hots mac\n");
    await withSsh(async (ssh) => {
      const error: unknown = await ssh.resolve(alias("mac")).catch((reason: unknown) => reason);
      assert.ok(RbeeError.is(error, "NODE_UNREACHABLE"));
      assert.match(error.details.reason, /ssh cannot read its configuration: .*terminating/);
    });
  });
});

async function readAll(port: number): Promise<string> {
  let text = "";
  for await (const piece of connect(port, "127.0.0.1")) text += String(piece);
  return text;
}

describe("an encrypted key", { skip }, () => {
  it("works when it is in the person's agent", async () => {
    useConfig("");
    const key = join(folder, "locked");
    makeKey(key, "secret");
    host.authorize(`${key}.pub`);
    const agent = join(folder, "agent");
    const answer = execFileSync("ssh-agent", ["-a", agent, "-s"], { encoding: "utf8" });
    const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(answer)?.[1]);
    const before = process.env["SSH_AUTH_SOCK"];
    try {
      const ask = join(folder, "ask");
      writeFileSync(ask, "#!/bin/sh\necho secret\n", { mode: 0o755 });
      execFileSync("ssh-add", ["-q", key], {
        env: {
          PATH: searchPath,
          SSH_AUTH_SOCK: agent,
          SSH_ASKPASS: ask,
          SSH_ASKPASS_REQUIRE: "force",
        },
        stdio: "ignore",
      });
      process.env["SSH_AUTH_SOCK"] = agent;
      await withSsh(async (ssh) => {
        const target = {
          name: "mac",
          sshHost: host.address,
          sshPort: host.port,
          sshUser: host.user,
          sshKeyPath: key,
        };
        await ssh.connect(target, { story, signal, acceptHostKey: "new" });
        assert.equal((await ssh.run(target, ["true"], { signal })).exitCode, 0);
      });
    } finally {
      process.kill(pid);
      if (before === undefined) delete process.env["SSH_AUTH_SOCK"];
      else process.env["SSH_AUTH_SOCK"] = before;
    }
  });
});

describe("a machine without an SSH client", () => {
  it("says that it is this machine that lacks it", async () => {
    process.env["PATH"] = join(folder, "empty");
    try {
      await withSsh(async (ssh) => {
        const error: unknown = await ssh
          .connect(alias("mac"), { story, signal })
          .catch((reason: unknown) => reason);
        assert.ok(RbeeError.is(error, "SSH_CLIENT_MISSING"), String(error));
        assert.deepEqual(error.details, { program: "ssh" });
      });
    } finally {
      process.env["PATH"] = searchPath;
    }
  });
});

describe("a connection that breaks", { skip }, () => {
  it("ends the command that runs over it, and is noticed", async () => {
    useConfig("");
    const target = {
      name: "mac",
      sshHost: host.address,
      sshPort: host.port,
      sshUser: host.user,
      sshKeyPath: host.clientKey,
    };
    await withSsh(async (ssh) => {
      await ssh.connect(target, { story, signal, acceptHostKey: "new" });
      const lines: string[] = [];
      const onLine = (line: string) => lines.push(line);
      const running = ssh.run(target, ["sh", "-c", "echo begun; cat"], {
        signal,
        onLine,
        input: new PassThrough(),
      });
      running.catch(() => {});
      await eventually(() => lines.length > 0);
      await host.stop();
      const error: unknown = await running.catch((reason: unknown) => reason);
      assert.ok(RbeeError.is(error, "NODE_UNREACHABLE"), String(error));
      assert.match(error.details.reason, /the connection broke during "sh"/);
      await host.start();
      assert.equal((await ssh.run(target, ["true"], { signal })).exitCode, 0);
    });
  });
});

describe("the answer of ssh -G", () => {
  it("names the host by its alias for keys, and with its port unless that is the usual one", () => {
    const text = "hostname mac.home\nport 2222\nuser me\nproxyjump none\n";
    assert.equal(parseSshConfig(text).keyName, "[mac.home]:2222");
    assert.equal(parseSshConfig(text.replace("2222", "22")).keyName, "mac.home");
    assert.equal(parseSshConfig(`${text}hostkeyalias mac\n`).keyName, "mac");
    assert.equal(parseSshConfig(text).isBehindJump, false);
    assert.equal(parseSshConfig(`${text}proxycommand nc %h %p\n`).isBehindJump, true);
  });
});
