import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import { RbeeError } from "@rbee/contract";
import { openDatabase } from "@rbee/daemon/database";
import { createKnownKeys, digestOf } from "../create-known-keys.ts";
import type { StoredKey } from "../key-ports.ts";
import { createKeyStore } from "./create-key-store.ts";
import { createNodeStore } from "./create-node-store.ts";
import { openQueenDatabase } from "./open-queen-database.ts";

const folder = mkdtempSync(join(tmpdir(), "rbee-keys-"));
after(() => rmSync(folder, { recursive: true }));

const full: StoredKey = {
  id: "key-1",
  name: "laptop",
  digest: new Uint8Array(digestOf("rbee_one")),
  createdUnix: 1_790_000_000,
  lastUsedUnix: 1_790_000_060,
  scope: "use",
  models: ["hello-bee", "hf:org/*"],
  rate: { limit: 60, window_seconds: 60 },
  expiresUnix: 1_890_000_000,
  priority: "low",
};
const bare: StoredKey = {
  ...full,
  id: "key-2",
  name: "phone",
  digest: new Uint8Array(digestOf("rbee_two")),
  lastUsedUnix: undefined,
  scope: "operate",
  models: undefined,
  rate: undefined,
  expiresUnix: undefined,
  priority: "normal",
};

// What version 2 wrote, as it wrote it.
const versionTwo = `
  CREATE TABLE beehives (
    node_name TEXT PRIMARY KEY, ssh_host TEXT NOT NULL, ssh_port INTEGER NOT NULL DEFAULT 22,
    ssh_user TEXT, ssh_key_path TEXT, git_repo_url TEXT, git_branch TEXT NOT NULL,
    install_path TEXT NOT NULL, last_connected_unix INTEGER, last_error TEXT,
    status TEXT NOT NULL DEFAULT 'unknown' CHECK (status IN ('unknown', 'reachable', 'unreachable')),
    backends TEXT NOT NULL DEFAULT '[]', devices TEXT, host_key TEXT
  ) STRICT;
  CREATE TABLE api_keys (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, digest BLOB NOT NULL UNIQUE,
    created_unix INTEGER NOT NULL, last_used_unix INTEGER
  ) STRICT;
  INSERT INTO beehives (node_name, ssh_host, git_branch, install_path)
    VALUES ('mac', 'mac.home', 'main', '/opt/rbee');
  INSERT INTO api_keys VALUES ('key-0', 'old', x'${digestOf("rbee_old").toString("hex")}', 7, NULL);
  PRAGMA user_version = 2`;

function writeVersionTwo(name: string): string {
  const path = join(folder, name);
  openDatabase({
    path,
    prepare: (database) => {
      database.exec(versionTwo);
      database.close();
    },
  });
  return path;
}

const isCode = (code: "KEY_ALREADY_EXISTS" | "KEY_REVOKED") => (error: unknown) =>
  RbeeError.is(error, code);

describe("the kept keys", () => {
  it("keep every field over a restart, oldest first, in a file that is nobody else's", () => {
    const path = join(folder, "keeps", "beehives.db");
    const first = openQueenDatabase(path);
    createKeyStore(first.database).insert(full);
    createKeyStore(first.database).insert(bare);
    first.database.close();
    const second = openQueenDatabase(path);
    assert.deepEqual(createKeyStore(second.database).list(), [full, bare]);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    second.database.close();
  });

  it("have a name once", () => {
    const { database } = openQueenDatabase(join(folder, "once.db"));
    const keys = createKeyStore(database);
    keys.insert(full);
    const again = { ...bare, name: full.name };
    assert.throws(() => keys.insert(again), isCode("KEY_ALREADY_EXISTS"));
    assert.equal(keys.remove(full.id), true);
    assert.equal(keys.remove(full.id), false);
    keys.insert(again);
    database.close();
  });

  it("of an older rbee may go on doing everything", () => {
    const { database } = openQueenDatabase(writeVersionTwo("two.db"));
    const known = createKnownKeys(createKeyStore(database));
    const { digest: _digest, ...old } = known.find("rbee_old")?.stored ?? full;
    assert.deepEqual(old, {
      id: "key-0",
      name: "old",
      createdUnix: 7,
      lastUsedUnix: undefined,
      scope: "operate",
      models: undefined,
      rate: undefined,
      expiresUnix: undefined,
      priority: "high",
    });
    assert.equal(createNodeStore(database).find("mac")?.sshHost, "mac.home");
    database.close();
  });

  it("of an older rbee are brought up to date once, whoever comes at the same time", async () => {
    const path = writeVersionTwo("crowd.db");
    const module = new URL("open-queen-database.ts", import.meta.url).href;
    const code = `import(${JSON.stringify(module)}).then(({ openQueenDatabase }) => {
      openQueenDatabase(${JSON.stringify(path)}).database.close();
    })`;
    const crowd = Array.from({ length: 6 }, () => new Worker(code, { eval: true }));
    const codes = await Promise.all(crowd.map(async (worker) => await once(worker, "exit")));
    assert.deepEqual(codes.flat(), Array<number>(6).fill(0));
    const { database, backupPath } = openQueenDatabase(path);
    assert.equal(backupPath, undefined);
    assert.equal(createKeyStore(database).list().length, 1);
    database.close();
  });

  it("are set aside with a file that is damaged, never deleted", () => {
    const path = join(folder, "damaged.db");
    writeFileSync(path, "this is not a database, and it is long enough to be looked at");
    const { database, backupPath } = openQueenDatabase(path);
    assert.equal(statSync(backupPath ?? "").size, 61);
    assert.deepEqual(createKeyStore(database).list(), []);
    database.close();
  });
});

describe("two programs with one database", () => {
  it("hear of each other's keys, and end what runs with one that is gone", () => {
    const path = join(folder, "shared.db");
    const [one, other] = [openQueenDatabase(path), openQueenDatabase(path)];
    const keys = createKnownKeys(createKeyStore(one.database));
    const otherKeys = createKnownKeys(createKeyStore(other.database));
    otherKeys.add(full);
    assert.equal(keys.find("rbee_one")?.stored.name, "laptop");
    const ended: RbeeError[] = [];
    keys.find("rbee_one")?.endings.add((reason) => ended.push(reason));
    otherKeys.add(bare);
    keys.follow();
    assert.deepEqual([keys.list().length, ended], [2, []]);
    otherKeys.remove(full.id);
    keys.follow();
    assert.equal(keys.find("rbee_one"), undefined);
    assert.ok(ended.length === 1 && isCode("KEY_REVOKED")(ended[0]));
    one.database.close();
    other.database.close();
  });
});
