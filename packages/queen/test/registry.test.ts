import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { errorEntry, RbeeError } from "@rbee/contract";
import type { AddNodeRequest, ErrorCode, NodeEvent } from "@rbee/contract";
import { createSshHost, eventually, sshHostObstacle } from "@rbee/testkit";
import type { SshHost } from "@rbee/testkit";
import { openQueen } from "./scripted-queen-fixture.ts";
import type { QueenInBox } from "./scripted-queen-fixture.ts";

const skip = sshHostObstacle() ?? false;
let place: QueenInBox;
let host: SshHost;

before(async () => {
  if (skip !== false) return;
  host = await createSshHost({ banner: "Welcome to mac" });
  place = await openQueen({ settings: { timeouts: { connect: 1 } } });
});
after(async () => {
  if (skip !== false) return;
  await place.box.close();
  await host.close();
});
afterEach(async () => {
  if (skip !== false) return;
  for (const { node_name } of await listNodes()) {
    await place.queen.call("removeNode", { body: { node_name } });
  }
});

function wish(change: Partial<AddNodeRequest> = {}): AddNodeRequest {
  return {
    node_name: "mac",
    ssh_host: host.address,
    ssh_port: host.port,
    ssh_user: host.user,
    ssh_key_path: host.clientKey,
    ...change,
  };
}

function hiveKey(): string {
  const folder = join(place.box.rbeeHome, "keys");
  mkdirSync(folder, { recursive: true });
  return join(folder, "mac.key");
}

async function listNodes() {
  return (await place.queen.call("listNodes")).nodes;
}

async function add(change: Partial<AddNodeRequest> = {}) {
  return await place.queen.call("addNode", { body: wish(change) });
}

async function refusal<Code extends ErrorCode>(promise: Promise<unknown>, code: Code) {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  if (RbeeError.is(error, code)) return error.details;
  throw error instanceof Error ? error : new Error("it was not refused");
}

describe("adding a node", { skip }, () => {
  it("tests the connection and saves every field", async () => {
    const startedAt = Math.floor(Date.now() / 1000);
    const answer = await add({ git_repo_url: "https://git.example/rbee.git" });
    assert.deepEqual([answer.success, answer.node_name], [true, "mac"]);
    const [node] = await listNodes();
    assert.ok(node !== undefined && (node.last_connected_unix ?? 0) >= startedAt);
    assert.deepEqual(
      { ...node, last_connected_unix: 0 },
      {
        node_name: "mac",
        ssh_host: host.address,
        ssh_port: host.port,
        ssh_user: host.user,
        ssh_key_path: host.clientKey,
        git_repo_url: "https://git.example/rbee.git",
        git_branch: "main",
        install_path: join(host.home, "rbee"),
        last_connected_unix: 0,
        last_error: null,
        status: "reachable",
        backends: [],
        devices: null,
        host_key: host.hostKeyFingerprint(),
      },
    );
  });

  it("tells its story to whom asks for it", async () => {
    const events: NodeEvent[] = [];
    const stream = await place.queen.stream("addNode", { body: wish() });
    for await (const event of stream) events.push(event);
    const actions = events.map((event) => (event.type === "narration" ? event.action : event.type));
    const told = ["ssh-test", "ssh-connect", "ssh-connected", "ssh-tested", "node-save", "done"];
    assert.deepEqual(actions, told);
  });

  it("keeps nothing of a machine that does not let one in, and says why", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rbee-registry-"));
    const nothing = join(folder, "no-key");
    writeFileSync(nothing, "not a key", { mode: 0o600 });
    const cases: readonly (readonly [Partial<AddNodeRequest>, ErrorCode])[] = [
      [{ ssh_port: 1 }, "SSH_CONNECTION_REFUSED"],
      [{ ssh_host: "nowhere.invalid" }, "SSH_HOST_UNKNOWN"],
      [{ ssh_key_path: nothing }, "SSH_AUTH_FAILED"],
      [{ ssh_key_path: "/no/such/key" }, "SSH_KEY_NOT_FOUND"],
    ];
    for (const [change, code] of cases) await refusal(add(change), code);
    host.freeze();
    const silent = await refusal(add(), "SSH_CONNECTION_TIMEOUT");
    host.unfreeze();
    assert.deepEqual([silent.attempts, silent.timeout_ms], [3, 1000]);
    assert.equal(errorEntry("SSH_CONNECTION_TIMEOUT").status, 504);
    assert.deepEqual(await listNodes(), []);
    rmSync(folder, { recursive: true });
  });

  it("refuses what could be taken for anything but a name, all at once", async () => {
    const names = [
      "a b",
      "a;b",
      "-a",
      "a-",
      "a'b",
      'a"b',
      "a\nb",
      "grün",
      "$(id)",
      "",
      "localhost",
    ];
    for (const node_name of names) {
      const { errors } = await refusal(add({ node_name }), "INVALID_REQUEST");
      assert.deepEqual([...new Set(errors.map(({ field }) => field))], ["node_name"], node_name);
    }
    const wrong = {
      node_name: "a b",
      ssh_host: "-oProxyCommand=touch /tmp/rbee-owned",
      ssh_port: 0,
      ssh_user: "-l",
      ssh_key_path: "key",
      git_repo_url: "ext::sh -c touch",
      git_branch: "--upload-pack=x",
      install_path: "../../etc",
    };
    const { errors } = await refusal(add(wrong), "INVALID_REQUEST");
    const fields = [...new Set(errors.map(({ field }) => field))];
    assert.deepEqual(fields.toSorted(), Object.keys(wrong).toSorted());
    assert.equal(existsSync("/tmp/rbee-owned"), false);
  });

  it("is refused for a name that is taken, at the same moment too", async () => {
    const both = await Promise.allSettled([add(), add()]);
    assert.deepEqual(both.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
    assert.deepEqual(await refusal(add(), "NODE_ALREADY_EXISTS"), { node: "mac" });
  });
});

describe("the host key of a machine", { skip }, () => {
  const sshPlace = () => ({ ssh_host: host.address, ssh_port: host.port, ssh_user: host.user });
  const show = (change = {}) =>
    place.queen.call("showHostKey", { body: { ...sshPlace(), ...change } });

  it("is shown before anybody logs in or anything is recorded", async () => {
    const logins = host.countLogins();
    const seen = {
      host_key: host.hostKeyFingerprint(),
      key_type: "ssh-ed25519",
      known: "new",
      recorded_host_key: null,
    };
    assert.deepEqual(await show(), seen);
    assert.deepEqual(await show(), seen);
    assert.equal(host.countLogins(), logins);
    await add({ host_key: seen.host_key });
    assert.deepEqual(await show(), { ...seen, known: "recorded" });
  });

  it("cannot be shown where nobody answers, and it is said why", async () => {
    await refusal(show({ ssh_port: 1 }), "SSH_CONNECTION_REFUSED");
    await refusal(show({ ssh_host: "nowhere.invalid" }), "SSH_HOST_UNKNOWN");
    host.freeze();
    const silent = await refusal(show(), "SSH_CONNECTION_TIMEOUT");
    host.unfreeze();
    assert.equal(silent.attempts, 1);
    const { errors } = await refusal(show({ ssh_host: "-oProxyCommand=x" }), "INVALID_REQUEST");
    assert.deepEqual([...new Set(errors.map(({ field }) => field))], ["ssh_host"]);
  });

  it("must be the expected one, or nothing is saved and nobody logs in", async () => {
    const logins = host.countLogins();
    const host_key = `SHA256:${"A".repeat(43)}`;
    const details = await refusal(add({ host_key }), "SSH_HOST_KEY_CHANGED");
    assert.equal(details.expected_fingerprint, host_key);
    assert.equal(details.offered_fingerprint, host.hostKeyFingerprint());
    assert.deepEqual(await listNodes(), []);
    assert.equal((await show()).known, "new");
    await refusal(add({ host_key: "SHA256:short" }), "INVALID_REQUEST");
    await add();
    const before = await listNodes();
    const update = place.queen.call("updateNode", {
      body: { node_name: "mac", install_path: "/elsewhere", host_key },
    });
    await refusal(update, "SSH_HOST_KEY_CHANGED");
    assert.deepEqual(await listNodes(), before);
    assert.equal(host.countLogins(), logins + 1);
  });

  it("that changed is shown beside the recorded one, and accepted by its name", async () => {
    await add();
    const recorded = host.hostKeyFingerprint();
    await host.changeHostKey();
    const shown = await show();
    assert.deepEqual(shown, {
      host_key: host.hostKeyFingerprint(),
      key_type: "ssh-ed25519",
      known: "changed",
      recorded_host_key: recorded,
    });
    const accept = (host_key: string) =>
      place.queen.call("updateNode", {
        body: { node_name: "mac", accept_host_key: true, host_key },
      });
    await refusal(accept(recorded), "SSH_HOST_KEY_CHANGED");
    assert.equal((await listNodes())[0]?.host_key, recorded);
    await accept(shown.host_key);
    assert.equal((await listNodes())[0]?.host_key, shown.host_key);
  });
});

describe("changing a node", { skip }, () => {
  it("logs in again and keeps the rest", async () => {
    await add();
    const logins = host.countLogins();
    const body = { node_name: "mac", install_path: "~/elsewhere/" };
    const { message } = await place.queen.call("updateNode", { body });
    assert.match(message, /stays there/);
    const [node] = await listNodes();
    assert.equal(node?.install_path, join(host.home, "elsewhere"));
    assert.equal(node.ssh_key_path, host.clientKey);
    assert.equal(host.countLogins(), logins + 1);
  });

  it("that leads nowhere changes nothing", async () => {
    await add();
    const before = await listNodes();
    const body = { node_name: "mac", ssh_port: 1 };
    await refusal(place.queen.call("updateNode", { body }), "SSH_CONNECTION_REFUSED");
    assert.deepEqual(await listNodes(), before);
    const unknown = { body: { node_name: "nobody" } };
    await refusal(place.queen.call("updateNode", unknown), "NODE_NOT_FOUND");
  });

  it("accepts another host key only when told to", async () => {
    await add();
    const recorded = host.hostKeyFingerprint();
    await host.changeHostKey();
    const update = (accept_host_key?: boolean) =>
      place.queen.call("updateNode", { body: { node_name: "mac", accept_host_key } });
    const details = await refusal(update(), "SSH_HOST_KEY_CHANGED");
    assert.equal(details.recorded_fingerprint, recorded);
    assert.equal(details.offered_fingerprint, host.hostKeyFingerprint());
    await update(true);
    assert.equal((await listNodes())[0]?.host_key, host.hostKeyFingerprint());
  });
});

describe("removing a node", { skip }, () => {
  it("forgets it, its host key, and the key of its hive", async () => {
    await add();
    const key = hiveKey();
    writeFileSync(key, "a key of thirty-two characters, say\n", { mode: 0o600 });
    const body = { node_name: "mac" };
    const { message } = await place.queen.call("removeNode", { body });
    assert.match(message, /^Node 'mac' is removed .* Nothing of rbee is left there\.$/);
    assert.deepEqual(await listNodes(), []);
    assert.equal(existsSync(key), false);
    await host.changeHostKey();
    await add();
    await place.queen.call("removeNode", { body });
    await refusal(place.queen.call("removeNode", { body }), "NODE_NOT_FOUND");
  });

  it("works without the machine, and says what may be left on it", async () => {
    await add();
    const key = hiveKey();
    writeFileSync(key, "a key of thirty-two characters, say\n", { mode: 0o600 });
    await host.stop();
    const { message } = await place.queen.call("removeNode", { body: { node_name: "mac" } });
    assert.ok(message.includes(join(host.home, "rbee")), message);
    assert.match(message, /could not be taken away/);
    // Its hive may run still, and wants it.
    assert.equal(existsSync(key), true);
    assert.deepEqual(await listNodes(), []);
    await host.start();
  });

  it("is refused for this machine", async () => {
    const body = { node_name: "localhost" };
    await refusal(place.queen.call("removeNode", { body }), "INVALID_REQUEST");
  });
});

describe("registered nodes", { skip }, () => {
  it("are listed by name, and known after a restart", async () => {
    await add({ node_name: "workstation" });
    await add({ node_name: "blep" });
    await place.queen.call("shutdown");
    const names = (await reopen()).map(({ node_name }) => node_name);
    assert.deepEqual(names, ["blep", "workstation"]);
  });
});

// The queen of the box again, after she has gone.
async function reopen() {
  const { box } = place;
  await eventually(() => box.processes().length === 0, { what: "the end of the queen" });
  await box.startQueenAsOperator();
  return await listNodes();
}
