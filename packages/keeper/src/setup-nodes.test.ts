import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { after, before, describe, it } from "node:test";
import { createBox, createSshHost, sshHostObstacle } from "@rbee/testkit";
import type { Box, SshHost } from "@rbee/testkit";

const skip = sshHostObstacle() ?? false;
let box: Box;
let host: SshHost;

before(async () => {
  if (skip !== false) return;
  host = await createSshHost();
  box = await createBox({ settings: { timeouts: { connect: 1 } } });
});
after(async () => {
  if (skip !== false) return;
  await box.keeper(["queen", "stop"]);
  await box.close();
  await host.close();
});

async function setup(...words: readonly string[]) {
  const run = await box.keeper(["setup", ...words]);
  return { code: run.end()?.code, stdout: run.stdout(), stderr: run.stderr() };
}

function wish(name: string, ...more: readonly string[]): string[] {
  const place = ["--ssh-host", host.address, "--ssh-port", String(host.port)];
  return ["--name", name, ...place, "--ssh-key", host.clientKey, ...more];
}

describe("setup add-node", { skip }, () => {
  it("refuses everything that is wrong at once, before a queen is started", async () => {
    const place = ["--name", "my mac", "--ssh-host", "-oProxyCommand=x", "--ssh-port", "0"];
    const more = ["--ssh-user", "a b", "--install-path", "rbee"];
    const wrong = await setup("add-node", ...place, ...more);
    assert.equal(wrong.code, 1);
    for (const flag of ["--name", "--ssh-host", "--ssh-port", "--ssh-user", "--install-path"]) {
      assert.match(wrong.stderr, new RegExp(`^  ${flag} \\S`, "m"));
    }
    assert.match(wrong.stderr, /INVALID_REQUEST/);
    assert.deepEqual(box.processes(), []);
  });

  it("looks at the key before anything else", async () => {
    const missing = await setup("add-node", ...wish("mac"), "--ssh-key", "/no/such/key");
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /SSH_KEY_NOT_FOUND[^]*Looked for \/no\/such\/key/);
    const folder = await setup("add-node", ...wish("mac"), "--ssh-key", host.home);
    assert.match(folder.stderr, /SSH_KEY_NOT_FOUND[^]*is a directory/);
    const open = join(host.folder, "open-key");
    writeFileSync(open, "key");
    chmodSync(open, 0o644);
    const readable = await setup("add-node", ...wish("mac"), "--ssh-key", open);
    assert.match(readable.stderr, /SSH_KEY_NOT_FOUND[^]*mode 644[^]*chmod 600/);
    assert.deepEqual(box.processes(), []);
  });

  it("is wrong usage without a name or a host", async () => {
    const run = await setup("add-node");
    assert.equal(run.code, 2);
    assert.match(run.stderr, /--name <name> and --ssh-host <host> missing/);
  });

  it("tells that it tests and saves, and what comes next", async () => {
    const key = relative(box.home, host.clientKey);
    const hostKey = host.hostKeyFingerprint();
    const words = ["--ssh-key", key, "--host-key", hostKey];
    const run = await setup("add-node", ...wish("mac"), ...words);
    assert.equal(run.code, 0, run.stderr);
    assert.ok(run.stderr.includes(`host key ${hostKey}`), run.stderr);
    assert.match(run.stderr, /^\[queen-rbee\] .*Testing the SSH connection to \S+@127\./m);
    assert.match(run.stderr, /^\[queen-rbee\] .*Attempt 1\/3: connecting to 127\./m);
    assert.match(run.stderr, /^\[queen-rbee\] .*Saving node mac in the rbee-hive registry$/m);
    assert.match(run.stderr, /^Next: rbee-keeper setup install --node mac$/m);
    assert.equal(run.stdout, "Node 'mac' is saved in the rbee-hive registry.\n");
    const list = JSON.parse((await setup("list-nodes", "--json")).stdout) as {
      nodes: { ssh_key_path: string; install_path: string }[];
    };
    assert.equal(list.nodes[0]?.ssh_key_path, host.clientKey);
    assert.equal(list.nodes[0].install_path, join(host.home, "rbee"));
  });

  it("saves nothing of a machine that shows another host key than the expected one", async () => {
    const other = `SHA256:${"A".repeat(43)}`;
    const refused = await setup("add-node", ...wish("wrong"), "--host-key", other);
    assert.equal(refused.code, 1);
    assert.ok(refused.stderr.includes(`Expected: ${other}`), refused.stderr);
    assert.ok(refused.stderr.includes(`Offered:  ${host.hostKeyFingerprint()}`));
    const odd = await setup("add-node", ...wish("wrong"), "--host-key", "ab:cd");
    assert.match(odd.stderr, /--host-key must be a fingerprint/m);
    assert.doesNotMatch((await setup("list-nodes")).stdout, /wrong/);
  });

  it("tells each attempt at a machine that does not answer, and saves nothing", async () => {
    host.freeze();
    const run = await setup("add-node", ...wish("silent"));
    host.unfreeze();
    assert.equal(run.code, 1);
    assert.match(run.stderr, /Attempt 1\/3: .*delay 0ms[^]*Attempt 2\/3: .*200ms[^]*3\/3: .*400ms/);
    assert.match(run.stderr, /Connection timeout/);
    assert.doesNotMatch((await setup("list-nodes")).stdout, /silent/);
  });
});

describe("setup list-nodes", { skip }, () => {
  it("has a heading and what is known of each node, in the person's time", async () => {
    const { code, stdout } = await setup("list-nodes");
    assert.equal(code, 0);
    const [heading, empty, name, ...fields] = stdout.split("\n");
    assert.deepEqual(
      [heading, empty, name],
      ["Registered rbee-hive Nodes:", "", `mac (${host.address})`],
    );
    assert.equal(fields[0], "  Status: reachable");
    assert.match(fields[1] ?? "", /^ {2}Last connected: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    assert.equal(fields[2], `  Install path: ${host.home}/rbee`);
    assert.doesNotMatch(stdout, /localhost/);
  });
});

describe("setup update-node", { skip }, () => {
  it("shows both host keys and how to accept the new one", async () => {
    const before = host.hostKeyFingerprint();
    await host.changeHostKey();
    const refused = await setup("update-node", "--name", "mac");
    assert.equal(refused.code, 1);
    assert.ok(refused.stderr.includes(`Recorded: ${before}`), refused.stderr);
    assert.ok(refused.stderr.includes(`Offered:  ${host.hostKeyFingerprint()}`));
    assert.match(refused.stderr, /update-node --name mac --accept-host-key/);
    const accepted = await setup("update-node", "--name", "mac", "--accept-host-key");
    assert.equal(accepted.code, 0, accepted.stderr);
    assert.equal(accepted.stdout, "Node 'mac' is changed in the rbee-hive registry.\n");
  });
});

describe("setup remove-node", { skip }, () => {
  it("forgets the node in one line, and says so when there is none", async () => {
    mkdirSync(join(host.home, "rbee"), { recursive: true });
    const removed = await setup("remove-node", "--name", "mac");
    assert.equal(removed.code, 0, removed.stderr);
    assert.match(removed.stdout, /^Node 'mac' is removed from the rbee-hive registry\..*\n$/);
    const { stdout } = await setup("list-nodes");
    assert.match(stdout, /^Registered rbee-hive Nodes:\n {2}No nodes yet\.\n {2}Add one: /);
    const again = await setup("remove-node", "--name", "mac");
    assert.equal(again.code, 1);
    assert.match(again.stderr, /NODE_NOT_FOUND/);
    const here = await setup("remove-node", "--name", "localhost");
    assert.match(here.stderr, /--name localhost is this machine/);
  });
});

describe("setup show-host-key", { skip }, () => {
  const look = (...more: readonly string[]) => {
    const place = ["--ssh-host", host.address, "--ssh-port", String(host.port)];
    return setup("show-host-key", ...place, ...more);
  };

  it("needs a host, and says what is wrong with its fields", async () => {
    const missing = await setup("show-host-key");
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /--ssh-host <host> is missing/);
    const wrong = await setup("show-host-key", "--ssh-host", "-oProxyCommand=x");
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /not valid: --ssh-host must be .*INVALID_REQUEST/);
  });

  it("shows the key of a machine that nobody knows, how to compare it, and what comes next", async () => {
    const before = host.countLogins();
    const shown = await look();
    assert.equal(shown.code, 0, shown.stderr);
    const key = host.hostKeyFingerprint();
    const [first, second, compare, next] = shown.stdout.split("\n");
    assert.equal(first, `${host.address} shows ${key} (ssh-ed25519).`);
    assert.equal(second, "Nobody here has seen this machine before.");
    assert.match(compare ?? "", /ssh-keygen -lf \/etc\/ssh\/ssh_host_ed25519_key\.pub/);
    const place = `--ssh-host ${host.address} --ssh-port ${host.port}`;
    assert.ok(next?.endsWith(`setup add-node --name <name> ${place} --host-key ${key}`), next);
    assert.equal(host.countLogins(), before, "nobody logs in");
    assert.equal((await look()).stdout, shown.stdout, "and nothing is recorded");
  });

  it("says whether the key is the recorded one, and fails when it is not", async () => {
    assert.equal((await setup("add-node", ...wish("mac"))).code, 0);
    const recorded = host.hostKeyFingerprint();
    const same = await look();
    assert.equal(same.code, 0);
    assert.match(same.stdout, /that the queen has recorded\.\n$/);
    await host.changeHostKey();
    const other = await look();
    assert.equal(other.code, 1);
    assert.ok(other.stdout.includes(`shows ${host.hostKeyFingerprint()} `), other.stdout);
    assert.ok(other.stdout.includes(`the recorded one, ${recorded}.`), other.stdout);
    assert.match(other.stdout, /setup update-node --name <name> --accept-host-key/);
    const { stdout } = await look("--json");
    assert.deepEqual(JSON.parse(stdout), {
      host_key: host.hostKeyFingerprint(),
      key_type: "ssh-ed25519",
      known: "changed",
      recorded_host_key: recorded,
    });
  });
});
