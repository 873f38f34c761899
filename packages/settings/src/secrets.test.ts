import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import { nodeKeyFile } from "./paths.ts";
import { ensureKeyFile, findSecretPath, keyFingerprint, readSecretFile } from "./secrets.ts";

const folder = mkdtempSync(join(tmpdir(), "rbee-secrets-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

function reasonOf(path: string): string {
  try {
    readSecretFile(path);
  } catch (error) {
    assert.ok(RbeeError.is(error, "INSECURE_SECRET"), String(error));
    return error.details.reason;
  }
  return "none";
}

describe("secret files", () => {
  it("are read without their line end", () => {
    assert.equal(readSecretFile(file("good", "0123456789abcdef\n")), "0123456789abcdef");
  });

  it("are refused when group or others may read them", () => {
    assert.match(reasonOf(file("open", "0123456789abcdef\n", 0o640)), /mode 640/);
  });

  it("are refused when empty, short, of several lines, a folder, or absent", () => {
    assert.match(reasonOf(file("empty", "\n")), /empty/);
    assert.match(reasonOf(file("short", "abc\n")), /fewer than 16/);
    assert.match(reasonOf(file("lines", "0123456789abcdef\nx\n")), /more than one line/);
    chmodSync(folder, 0o700);
    assert.match(reasonOf(folder), /not a file/);
    assert.match(reasonOf(join(folder, "absent")), /does not exist/);
    assert.match(reasonOf(file("blank", "0123456789abcdef and more\n")), /blank/);
    assert.match(reasonOf(file("long", "x".repeat(10_000))), /far too long/);
  });

  it("are refused at once when they are a pipe that nobody writes to", () => {
    const path = join(folder, "pipe");
    execFileSync("mkfifo", ["-m", "600", path]);
    assert.match(reasonOf(path), /not a file/);
  });

  it("of systemd may show the mask of their access list, others may not", () => {
    const environment = { CREDENTIALS_DIRECTORY: folder };
    const path = file("queen.key", "0123456789abcdef\n", 0o440);
    assert.equal(findSecretPath(undefined, "queen.key", environment), path);
    assert.equal(readSecretFile(path, environment), "0123456789abcdef");
    assert.match(reasonOf(path), /mode 440/);
    chmodSync(path, 0o444);
    assert.throws(() => readSecretFile(path, environment), /secret file/);
  });

  it("are where the configuration says before they are where systemd puts them", () => {
    const environment = { CREDENTIALS_DIRECTORY: folder };
    file("hive.key", "0123456789abcdef\n");
    assert.equal(findSecretPath("/a.key", "hive.key", environment), "/a.key");
    assert.equal(findSecretPath(undefined, "none.key", environment), undefined);
    assert.equal(findSecretPath(undefined, "hive.key", {}), undefined);
  });

  it("are made once, for nobody else to read, and found again", () => {
    const path = join(folder, "keys/hive.key");
    const key = ensureKeyFile(path);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.ok(key.length >= 32);
    assert.equal(ensureKeyFile(path), key);
  });

  it("show no more of a key than six hex digits of its digest", () => {
    assert.match(keyFingerprint("0123456789abcdef"), /^[0-9a-f]{6}$/);
  });

  it("of a node are never those of this machine's own programs", () => {
    assert.equal(nodeKeyFile("/k", "mac"), "/k/mac.key");
    const own = ["/k/hive.key", "/k/queen.key"];
    for (const name of ["hive", "queen", "Hive", "QUEEN"]) {
      assert.ok(!own.includes(nodeKeyFile("/k", name).toLowerCase()), name);
    }
  });
});
