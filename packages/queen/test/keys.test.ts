// API keys against a real queen: made, used, listed, revoked, kept.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { errorEntry, RbeeError } from "@rbee/contract";
import type { ErrorCode } from "@rbee/contract";
import { createQueenClient } from "@rbee/sdk";
import type { QueenClient } from "@rbee/sdk";
import { createBox, eventually } from "@rbee/testkit";
import type { Box } from "@rbee/testkit";

function isCode(code: ErrorCode) {
  return (error: unknown) => RbeeError.is(error, code);
}

function clientWith(box: Box, key: string | undefined): QueenClient {
  return createQueenClient({ baseUrl: `http://127.0.0.1:${box.queenPort}`, key: () => key });
}

async function openBox(settings = {}): Promise<Box> {
  const box = await createBox({ settings });
  try {
    await box.startQueenAsOperator();
  } catch (error) {
    // Nobody else will: what it started would keep this process alive.
    await box.close();
    throw error;
  }
  return box;
}

/** Everything that the queen has written, as text. */
function written(box: Box): string {
  const files = readdirSync(box.rbeeHome, { recursive: true, withFileTypes: true });
  return files
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), "latin1"))
    .join("\n");
}

describe("the API keys of a queen", () => {
  it("are shown once, kept as digests, and close the queen to everybody else", async () => {
    await using box = await openBox();
    const stranger = clientWith(box, undefined);
    assert.deepEqual(await stranger.call("listKeys"), { keys: [] });
    const created = await stranger.call("createKey", {
      body: { name: "laptop", scope: "operate" },
    });
    assert.equal(created.is_first, true);
    assert.match(created.key, /^rbee_[A-Za-z0-9_-]{43}$/);
    await assert.rejects(stranger.call("listKeys"), isCode("MISSING_API_KEY"));
    await assert.rejects(
      clientWith(box, "rbee_not-the-right-one").call("listKeys"),
      isCode("INVALID_API_KEY"),
    );
    const { keys } = await clientWith(box, created.key).call("listKeys");
    assert.deepEqual(
      keys.map(({ name, fingerprint }) => [name, fingerprint]),
      [["laptop", created.fingerprint]],
    );
    assert.ok((keys[0]?.last_used_unix ?? 0) >= created.created_unix);
    assert.ok(!written(box).includes(created.key), "the key stands in no file");
    assert.ok(written(box).includes(created.fingerprint), "the log names the fingerprint");
    assert.equal((await stranger.call("health")).status, "ok");
  });

  it("leave the person on this machine a key of their own", async () => {
    await using box = await openBox();
    await clientWith(box, undefined).call("createKey", {
      body: { name: "laptop", scope: "operate" },
    });
    const file = join(box.rbeeHome, "keys/queen.key");
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const listed = await box.keeper(["keys", "list"]);
    assert.equal(listed.end()?.code, 0, listed.stderr());
    assert.match(listed.stdout(), /^laptop +[0-9a-f]{6} /m);
  });

  it("are refused from the moment they are revoked, and others are not", async () => {
    await using box = await openBox();
    const first = await clientWith(box, undefined).call("createKey", {
      body: { name: "first", scope: "operate" },
    });
    const owner = clientWith(box, first.key);
    const other = await owner.call("createKey", { body: { name: "other", scope: "operate" } });
    assert.equal(other.is_first, false);
    await owner.call("revokeKey", { params: { id: other.id } });
    await assert.rejects(clientWith(box, other.key).call("listKeys"), isCode("INVALID_API_KEY"));
    assert.equal((await owner.call("listKeys")).keys.length, 1);
    const again = owner.call("revokeKey", { params: { id: other.id } });
    await assert.rejects(again, isCode("KEY_NOT_FOUND"));
    const taken = owner.call("createKey", { body: { name: "first", scope: "operate" } });
    await assert.rejects(taken, isCode("KEY_ALREADY_EXISTS"));
    await owner.call("revokeKey", { params: { id: first.id } });
    await assert.rejects(owner.call("listKeys"), isCode("INVALID_API_KEY"));
  });

  it("leave a queen that asks for one when the last is gone, and this machine can make another", async () => {
    await using box = await openBox();
    const requireLocked = async () => {
      await assert.rejects(clientWith(box, undefined).call("listKeys"), (error) => {
        assert.ok(RbeeError.is(error, "MISSING_API_KEY"), String(error));
        assert.match(
          errorEntry(error.code).hint(error.details).join(),
          /keys create --name <name>/,
        );
        return true;
      });
    };
    const make = (name: string) => box.keeper(["keys", "create", "--name", name]);
    const revoke = (name: string) => box.keeper(["keys", "revoke", "--name", name]);
    for (const name of ["one", "two"]) assert.equal((await make(name)).end()?.code, 0);
    const first = await revoke("one");
    assert.doesNotMatch(first.stdout() + first.stderr(), /the last/);
    const last = await revoke("two");
    assert.match(last.stdout() + last.stderr(), /It was the last; queen-rbee goes on asking/);
    await requireLocked();
    await box.keeper(["queen", "restart"]);
    await requireLocked();
    const body = { name: "three", scope: "operate" } as const;
    const three = await box.queen().call("createKey", { body });
    // Without this machine's own key, revoking the last would open every door.
    rmSync(join(box.rbeeHome, "keys/queen.key"));
    const pid = box.queenPid();
    box.signal(pid ?? 0, "SIGTERM");
    await eventually(() => box.processes().length === 0);
    await box.startQueenAsOperator();
    await clientWith(box, three.key).call("revokeKey", { params: { id: three.id } });
    await requireLocked();
    assert.equal((await make("four")).end()?.code, 0, "this machine has its key again");
  });

  it("outlive the queen, and let her open a port to the network", async () => {
    await using box = await openBox();
    const made = await clientWith(box, undefined).call("createKey", {
      body: { name: "laptop", scope: "operate" },
    });
    const restarted = await box.keeper(["queen", "restart", "--host", "0.0.0.0"]);
    assert.equal(restarted.end()?.code, 0, restarted.stderr());
    const { settings } = await clientWith(box, made.key).call("settings");
    const host = settings.find(({ name }) => name === "queen.host");
    assert.deepEqual([host?.value, host?.source], ["0.0.0.0", "flag"]);
    assert.equal((await clientWith(box, made.key).call("listKeys")).keys.length, 1);
  });

  it("stand beside the key that systemd hands to the service", async () => {
    const box = await createBox();
    const credentials = join(box.root, "credentials");
    mkdirSync(credentials);
    writeFileSync(join(credentials, "queen.key"), "a-key-from-systemd-0\n", { mode: 0o440 });
    await using _closing = box;
    await box.startQueenAsOperator([], { environment: { CREDENTIALS_DIRECTORY: credentials } });
    await assert.rejects(clientWith(box, undefined).call("listKeys"), isCode("MISSING_API_KEY"));
    const service = clientWith(box, "a-key-from-systemd-0");
    const made = await service.call("createKey", { body: { name: "laptop", scope: "operate" } });
    assert.equal(made.is_first, false);
    assert.equal((await clientWith(box, made.key).call("listKeys")).keys.length, 1);
  });
});

describe("a queen that is told to reload", () => {
  it("follows what can change, and tells what waits for a restart", async () => {
    await using box = await openBox({ queen: { queue_limit: 7 } });
    box.configure({ queen: { queue_limit: 8 }, aliases: { bee: "hello-bee" } });
    box.configure({ timeouts: { heartbeat: 9 } });
    box.signal(box.queenPid() ?? 0, "SIGHUP");
    const values = async () => {
      const { settings } = await box.queen().call("settings");
      return new Map(settings.map((setting) => [setting.name, setting]));
    };
    await eventually(async () => (await values()).get("queen.queue_limit")?.value === 8);
    const heartbeat = (await values()).get("timeouts.heartbeat");
    assert.deepEqual([heartbeat?.value, heartbeat?.after_restart], [5, 9]);
    assert.equal((await values()).get("aliases.bee")?.value, "hello-bee");
    const log = readFileSync(join(box.rbeeHome, "logs/queen.log"), "utf8");
    assert.match(log, /queen\.queue_limit is 8 now, not 7/);
    assert.match(log, /timeouts\.heartbeat stays 5; 9 needs a restart/);
  });

  it("keeps what it has when the file is broken, and says which key is wrong", async () => {
    await using box = await openBox({ queen: { queue_limit: 7 } });
    box.configure({ queen: { queue_limit: "many" } });
    box.signal(box.queenPid() ?? 0, "SIGHUP");
    const log = () => readFileSync(join(box.rbeeHome, "logs/queen.log"), "utf8");
    await eventually(() => log().includes("the old one stays"));
    assert.match(log(), /queen\.queue_limit: .*expected number/);
    const { settings } = await box.queen().call("settings");
    assert.equal(settings.find(({ name }) => name === "queen.queue_limit")?.value, 7);
  });

  it("takes over a rotated key at once, and keeps the old one when the new cannot be used", async () => {
    const box = await createBox();
    await using _closing = box;
    const file = join(box.root, "queen.key");
    writeFileSync(file, "the-first-key-of-all\n", { mode: 0o600 });
    box.configure({ queen: { api_key_file: file } });
    await box.startQueenAsOperator();
    const log = () => readFileSync(join(box.rbeeHome, "logs/queen.log"), "utf8");
    writeFileSync(file, "short\n");
    box.signal(box.queenPid() ?? 0, "SIGHUP");
    await eventually(() => log().includes("fewer than 16 characters"));
    await clientWith(box, "the-first-key-of-all").call("listKeys");
    writeFileSync(file, "the-second-key-of-all\n");
    box.signal(box.queenPid() ?? 0, "SIGHUP");
    await eventually(() => log().includes("another API key is in force"));
    await clientWith(box, "the-second-key-of-all").call("listKeys");
    const old = clientWith(box, "the-first-key-of-all").call("listKeys");
    await assert.rejects(old, isCode("INVALID_API_KEY"));
    assert.ok(!log().includes("key-of-all"));
  });
});
