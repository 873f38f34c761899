import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import type { ErrorCode, ErrorDetails } from "@rbee/contract";
import {
  createSshHost,
  eventually,
  isInstalled,
  listProcessesWith,
  makeKey,
  runProgram,
  sshHostObstacle,
} from "@rbee/testkit";
import type { SshHost, SshHostOptions } from "@rbee/testkit";
import type { Ssh, SshTarget } from "../node-ports.ts";
import type { StoryEvent } from "../ports.ts";
import { createSsh } from "./create-ssh.ts";

const skip = sshHostObstacle() ?? false;
const { signal } = new AbortController();

interface Place extends AsyncDisposable {
  readonly host: SshHost;
  readonly ssh: Ssh;
  readonly target: SshTarget;
  readonly told: string[];
  readonly connect: (
    change?: Partial<SshTarget>,
    acceptHostKey?: "new" | "changed",
  ) => Promise<{ readonly hostKey: string | undefined }>;
}

async function openPlace(options: SshHostOptions = {}, connectTimeoutMs = 5000): Promise<Place> {
  const host = await createSshHost(options);
  const places = {
    knownHosts: join(host.folder, "known hosts", "file"),
    socketFolder: join(host.folder, "sockets"),
  };
  const ssh = createSsh({ ...places, connectTimeoutMs });
  const target = {
    name: "mac",
    sshHost: host.address,
    sshPort: host.port,
    sshUser: host.user,
    sshKeyPath: host.clientKey,
  };
  const told: string[] = [];
  const story = (event: StoryEvent) => {
    if (event.type === "tell") told.push(event.line.human);
  };
  return {
    host,
    ssh,
    target,
    told,
    connect: (change = {}, acceptHostKey = "new") =>
      ssh.connect({ ...target, ...change }, { story, signal, acceptHostKey }),
    async [Symbol.asyncDispose]() {
      await ssh.close();
      await host.close();
    },
  };
}

async function failure<Code extends ErrorCode>(
  promise: Promise<unknown>,
  code: Code,
): Promise<ErrorDetails<Code>> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (RbeeError.is(error, code)) return error.details;
  throw error instanceof Error ? error : new Error("it did not fail");
}

describe("a connection", { skip }, () => {
  it("is one login, however much is run over it", async () => {
    await using place = await openPlace();
    const { ssh, target, host } = place;
    const { hostKey } = await place.connect();
    assert.equal(hostKey, host.hostKeyFingerprint());
    const runs = await Promise.all(
      ["a b", "it's", "$HOME", "\\"].map((word) =>
        ssh.run(target, ["printf", "%s", word], { signal }),
      ),
    );
    assert.deepEqual(
      runs.map(({ stdout }) => stdout),
      ["a b", "it's", "$HOME", "\\"],
    );
    assert.equal(host.countLogins(), 1);
    assert.match(place.told[0] ?? "", /^Attempt 1\/3: connecting to .* \(timeout 5s, delay 0ms\)$/);
    assert.match(place.told[1] ?? "", /^SSH to mac works \(\d+ ms, host key SHA256:/);
  });

  it("opens by itself when it is first needed, once for all who need it", async () => {
    await using place = await openPlace();
    const { ssh, target, host } = place;
    await place.connect();
    await ssh.close("mac");
    const run = () => ssh.run(target, ["pwd"], { signal });
    const [first] = await Promise.all([run(), run(), run()]);
    assert.equal(first?.stdout, `${host.home}\n`);
    assert.equal(host.countLogins(), 2);
  });

  it("opens again after the server went away and came back", async () => {
    await using place = await openPlace();
    const { ssh, target, host } = place;
    await place.connect();
    await host.stop();
    const details = await failure(ssh.run(target, ["true"], { signal }), "SSH_CONNECTION_REFUSED");
    assert.equal(details.port, host.port);
    await host.start();
    assert.equal((await ssh.run(target, ["true"], { signal })).exitCode, 0);
  });

  it("leads to the new place when the node was changed", async () => {
    await using place = await openPlace();
    await using other = await createSshHost();
    await place.connect();
    const moved = { sshHost: other.address, sshPort: other.port, sshKeyPath: other.clientKey };
    await place.connect(moved);
    const run = await place.ssh.run({ ...place.target, ...moved }, ["pwd"], { signal });
    assert.equal(run.stdout, `${other.home}\n`);
  });
});

describe("the owner of connections", { skip }, () => {
  it("leaves no ssh process and no socket behind when it is killed", async () => {
    await using host = await createSshHost();
    const options = {
      knownHosts: join(host.folder, "known-hosts"),
      socketFolder: join(host.folder, "sockets"),
      connectTimeoutMs: 5000,
    };
    const place = {
      name: "mac",
      sshHost: host.address,
      sshPort: host.port,
      sshKeyPath: host.clientKey,
    };
    const fixture = join(import.meta.dirname, "hold-connection-fixture.ts");
    const owner = await runProgram({
      command: [process.execPath, fixture, JSON.stringify(options), JSON.stringify(place)],
      environment: { PATH: process.env["PATH"] ?? "", OWNED_BY: host.folder },
      directory: host.folder,
    });
    await owner.waitForOutput({ stream: "stdout", pattern: /open/ });
    const left = () => listProcessesWith("OWNED_BY", host.folder);
    // The owner, its watch, the connection and the command.
    assert.equal(left().length, 4);
    owner.signal("SIGKILL");
    await eventually(() => left().length === 0, { what: "the end of all of them" });
    assert.deepEqual(readdirSync(options.socketFolder), []);
  });
});

describe("a remote command", { skip }, () => {
  for (const loginShell of ["sh", "bash", "fish", "tcsh", "zsh"]) {
    const skipShell = isInstalled(loginShell) ? false : `${loginShell} is not installed`;
    it(`answers without the greeting of ${loginShell}`, { skip: skipShell }, async () => {
      await using place = await openPlace({ loginShell, banner: "Welcome!\nHave a lot of fun" });
      await place.connect();
      const words = ["sh", "-c", 'echo "out $1"; echo err >&2; exit 3', "sh", "!'\\ \n🐝"];
      assert.deepEqual(await place.ssh.run(place.target, words, { signal }), {
        exitCode: 3,
        signal: null,
        stdout: "out !'\\ \n🐝\n",
        stderr: "err\n",
      });
    });
  }

  it("gets its input, as text, bytes or a stream, and its lines are told as they come", async () => {
    await using place = await openPlace();
    const { ssh, target } = place;
    await place.connect();
    const inputs = ["one\ntwo", Buffer.from("one\ntwo"), Readable.from(["one\n", "two"])];
    for (const input of inputs) {
      const lines: string[] = [];
      const onLine = (line: string, from: string) => lines.push(`${from}: ${line}`);
      const run = await ssh.run(target, ["cat"], { signal, input, onLine });
      assert.equal(run.stdout, "one\ntwo");
      assert.deepEqual(lines, ["stdout: one", "stdout: two"]);
    }
  });

  it("is ended when it takes longer than it may, or nobody wants it any more", async () => {
    await using place = await openPlace();
    const { ssh, target } = place;
    await place.connect();
    const late = ssh.run(target, ["sleep", "60"], { signal, timeoutMs: 200 });
    assert.match((await failure(late, "NODE_UNREACHABLE")).reason, /no end within 0\.2 s/);
    const wish = new AbortController();
    const process = await ssh.start(target, ["sh", "-c", "echo here; cat"], {
      signal: wish.signal,
    });
    process.stdout.once("data", () => wish.abort());
    assert.notEqual((await process.ended).exitCode, 0);
  });

  it("on a machine that fell silent is given up in its time", async () => {
    await using place = await openPlace();
    const { ssh, target, host } = place;
    await place.connect();
    host.freeze();
    const silent = ssh.run(target, ["true"], { signal, timeoutMs: 300 });
    const { reason } = await failure(silent, "NODE_UNREACHABLE");
    assert.match(reason, /no answer within 0\.3 s/);
    host.unfreeze();
    assert.equal((await ssh.run(target, ["true"], { signal })).exitCode, 0);
  });

  it("that is missing is told by its exit code", async () => {
    await using place = await openPlace();
    await place.connect();
    const run = await place.ssh.run(place.target, ["/no/such/program"], { signal });
    assert.equal(run.exitCode, 127);
  });

  it("waits for its turn when the server allows no more sessions", async () => {
    await using place = await openPlace({ serverConfig: ["MaxSessions 2"] });
    const { ssh, target, host } = place;
    await place.connect();
    const busy = await ssh.start(target, ["cat"], { signal });
    const waiting = ssh.run(target, ["echo", "mine"], { signal });
    busy.stdin.end();
    assert.equal((await waiting).stdout, "mine\n");
    assert.equal(host.countLogins(), 1);
  });
});

describe("a login that fails", { skip }, () => {
  it("in the login shell is told in that shell's words", async () => {
    await using place = await openPlace({ loginShell: "/usr/sbin/nologin" });
    const { reason } = await failure(place.connect(), "NODE_UNREACHABLE");
    assert.match(reason, /^SSH to 127\.\S+: This account is currently not available/);
  });

  it("says which keys were tried", async () => {
    await using place = await openPlace();
    const other = join(place.host.folder, "other");
    makeKey(other);
    const denied = await failure(place.connect({ sshKeyPath: other }), "SSH_AUTH_FAILED");
    assert.deepEqual(denied.keys_tried, [other]);
    assert.equal(denied.user, place.host.user);
    assert.equal(place.told.filter((line) => line.startsWith("Attempt")).length, 1);
  });

  it("says that a key needs its passphrase", async () => {
    await using place = await openPlace();
    const locked = join(place.host.folder, "locked");
    makeKey(locked, "secret");
    place.host.authorize(`${locked}.pub`);
    const denied = await failure(place.connect({ sshKeyPath: locked }), "SSH_AUTH_FAILED");
    assert.deepEqual(denied.keys_tried, [
      `${locked} (needs its passphrase: ssh-add it to your agent)`,
    ]);
  });

  it("is not even tried with a key that ssh would ignore", async () => {
    await using place = await openPlace();
    const open = join(place.host.folder, "open");
    makeKey(open);
    chmodSync(open, 0o644);
    const folder = join(place.host.folder, "key-folder");
    mkdirSync(folder);
    const missing = join(place.host.folder, "missing");
    const code = "SSH_KEY_NOT_FOUND";
    assert.match(
      (await failure(place.connect({ sshKeyPath: open }), code)).problem ?? "",
      /mode 644/,
    );
    assert.match(
      (await failure(place.connect({ sshKeyPath: folder }), code)).problem ?? "",
      /is a directory/,
    );
    assert.deepEqual(await failure(place.connect({ sshKeyPath: missing }), code), {
      path: missing,
    });
  });

  it("tells a refusal and an unknown name apart", async () => {
    await using place = await openPlace();
    const refused = await failure(place.connect({ sshPort: 1 }), "SSH_CONNECTION_REFUSED");
    assert.deepEqual([refused.host, refused.port], [place.host.address, 1]);
    const delays = place.told.flatMap(
      (line) => /^Attempt.* delay (\d+ms)\)$/.exec(line)?.[1] ?? [],
    );
    assert.deepEqual(delays, ["0ms", "200ms", "400ms"]);
    const unknown = await failure(
      place.connect({ sshHost: "nowhere.invalid" }),
      "SSH_HOST_UNKNOWN",
    );
    assert.equal(unknown.host, "nowhere.invalid");
  });

  it("gives up after three silent attempts, each told with its wait", async () => {
    await using place = await openPlace({}, 1000);
    place.host.freeze();
    const silent = await failure(place.connect(), "SSH_CONNECTION_TIMEOUT");
    assert.deepEqual([silent.attempts, silent.timeout_ms], [3, 1000]);
    assert.deepEqual(
      place.told.map((line) =>
        /^Attempt \d\/3|^No answer.*within 1 s$/.exec(line)?.[0].slice(0, 11),
      ),
      ["Attempt 1/3", "No answer f", "Attempt 2/3", "No answer f", "Attempt 3/3", "No answer f"],
    );
    place.host.unfreeze();
  });

  it("shows both fingerprints of a host whose key changed, until it is accepted", async () => {
    await using place = await openPlace();
    const { host } = place;
    await place.connect();
    const recorded = host.hostKeyFingerprint();
    await host.changeHostKey();
    const changed = await failure(place.connect({}, "new"), "SSH_HOST_KEY_CHANGED");
    assert.equal(changed.recorded_fingerprint, recorded);
    assert.equal(changed.offered_fingerprint, host.hostKeyFingerprint());
    const { hostKey } = await place.connect({}, "changed");
    assert.equal(hostKey, host.hostKeyFingerprint());
    await place.ssh.close("mac");
    assert.equal((await place.ssh.run(place.target, ["true"], { signal })).exitCode, 0);
  });

  it("never trusts a host that was not recorded when its node was added", async () => {
    await using place = await openPlace();
    const run = place.ssh.run(place.target, ["true"], { signal });
    const details = await failure(run, "SSH_HOST_KEY_CHANGED");
    assert.equal(details.recorded_fingerprint, undefined);
    assert.equal(details.offered_fingerprint, place.host.hostKeyFingerprint());
  });
});

describe("a forwarded port", { skip }, () => {
  it("leads to the node's loopback, and goes on leading there over a new connection", async () => {
    await using place = await openPlace();
    const { ssh, target, host } = place;
    const server = createServer((_request, response) => response.end("hello"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port: remotePort } = server.address() as AddressInfo;
    try {
      await place.connect();
      const port = await ssh.forward(target, remotePort, signal);
      assert.equal(await ssh.forward(target, remotePort, signal), port);
      const ask = async () => (await fetch(`http://127.0.0.1:${port}/`)).text();
      assert.equal(await ask(), "hello");
      await host.stop();
      await host.start();
      await eventually(async () => (await ssh.forward(target, remotePort, signal)) === port);
      assert.equal(await ask(), "hello");
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

describe("odd paths", { skip }, () => {
  it("of keys, known hosts and sockets reach ssh as they are", async () => {
    await using host = await createSshHost();
    const folder = join(host.folder, `my "keys" 100% \\ grün ${"x".repeat(60)}`);
    mkdirSync(folder);
    const key = join(folder, "id 1");
    makeKey(key);
    host.authorize(`${key}.pub`);
    const knownHosts = join(folder, "known hosts");
    const socketFolder = join(folder, "sockets");
    const ssh = createSsh({ knownHosts, socketFolder, connectTimeoutMs: 5000 });
    const place = { sshHost: host.address, sshPort: host.port, sshUser: host.user };
    const target = { name: "mac", ...place, sshKeyPath: key };
    try {
      await ssh.connect(target, { story: () => {}, signal, acceptHostKey: "new" });
      assert.equal((await ssh.run(target, ["true"], { signal })).exitCode, 0);
      assert.match(readFileSync(knownHosts, "utf8"), /ssh-ed25519/);
      await ssh.forget(target);
      assert.equal(readFileSync(knownHosts, "utf8"), "");
    } finally {
      await ssh.close();
    }
  });
});

describe("known hosts", { skip }, () => {
  it("are recorded in the queen's own file", async () => {
    await using place = await openPlace();
    await place.connect();
    const text = readFileSync(join(place.host.folder, "known hosts", "file"), "utf8");
    assert.ok(text.startsWith(`[${place.host.address}]:${place.host.port} ssh-ed25519 `), text);
  });

  it("are read with whatever else a broken file holds", async () => {
    await using place = await openPlace();
    const folder = join(place.host.folder, "known hosts");
    mkdirSync(folder);
    writeFileSync(join(folder, "file"), "not a line of known hosts\n\n");
    await place.connect();
    assert.equal((await place.ssh.run(place.target, ["true"], { signal })).exitCode, 0);
  });
});
