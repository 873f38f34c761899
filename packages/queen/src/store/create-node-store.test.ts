import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import type { RegisteredNode } from "../node-ports.ts";
import { createNodeStore } from "./create-node-store.ts";
import { openQueenDatabase } from "./open-queen-database.ts";

const folder = mkdtempSync(join(tmpdir(), "rbee-nodes-"));
after(() => rmSync(folder, { recursive: true }));

const full: RegisteredNode = {
  name: "mac",
  sshHost: "mac.home",
  sshPort: 2222,
  sshUser: "vince",
  sshKeyPath: "/home/vince/.ssh/id_ed25519",
  gitRepoUrl: "https://git.example/rbee.git",
  gitBranch: "main",
  installPath: "/Users/vince/rbee",
  lastConnectedUnix: 1_790_000_000,
  lastError: "gone",
  status: "reachable",
  backends: ["metal", "cpu"],
  devices: { cpu: { cores: 8 } },
  hostKey: "SHA256:abc",
};
const bare: RegisteredNode = {
  ...full,
  name: "blep",
  sshUser: undefined,
  sshKeyPath: undefined,
  gitRepoUrl: undefined,
  lastConnectedUnix: undefined,
  lastError: undefined,
  status: "unknown",
  backends: [],
  devices: undefined,
  hostKey: undefined,
};

describe("the registry of nodes", () => {
  it("keeps every field over a restart, sorted by name", () => {
    const path = join(folder, "keeps", "beehives.db");
    const first = openQueenDatabase(path);
    createNodeStore(first.database).insert(full);
    createNodeStore(first.database).insert(bare);
    first.database.close();
    const second = openQueenDatabase(path);
    assert.deepEqual(createNodeStore(second.database).list(), [bare, full]);
    assert.deepEqual(createNodeStore(second.database).find("mac"), full);
    second.database.close();
  });

  it("changes what it is told to, and forgets a value that is none any more", () => {
    const { database } = openQueenDatabase(join(folder, "changes.db"));
    const nodes = createNodeStore(database);
    nodes.insert(full);
    nodes.update("mac", { status: "unreachable", lastError: undefined });
    const { status, lastError, sshHost } = nodes.find("mac") ?? bare;
    assert.deepEqual([status, lastError, sshHost], ["unreachable", undefined, "mac.home"]);
    database.close();
  });

  it("has a name once, and says when one is not there", () => {
    const { database } = openQueenDatabase(join(folder, "once.db"));
    const nodes = createNodeStore(database);
    nodes.insert(full);
    const isCode = (code: "NODE_ALREADY_EXISTS" | "NODE_NOT_FOUND") => (error: unknown) =>
      RbeeError.is(error, code);
    assert.throws(() => nodes.insert(full), isCode("NODE_ALREADY_EXISTS"));
    nodes.remove("mac");
    assert.throws(() => nodes.remove("mac"), isCode("NODE_NOT_FOUND"));
    assert.throws(() => nodes.update("mac", {}), isCode("NODE_NOT_FOUND"));
    assert.deepEqual(nodes.list(), []);
    database.close();
  });

  it("begins anew beside a file that is no database", () => {
    const path = join(folder, "broken.db");
    writeFileSync(path, "this is not a database, and it is long enough to be looked at");
    const { database, backupPath } = openQueenDatabase(path);
    assert.equal(backupPath, `${path}.corrupt.backup`);
    assert.ok(existsSync(`${path}.corrupt.backup`));
    assert.deepEqual(createNodeStore(database).list(), []);
    database.close();
  });
});
