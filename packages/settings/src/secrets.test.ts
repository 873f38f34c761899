import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import { ensureKeyFile, keyFingerprint, readSecretFile } from "./secrets.ts";

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
    assert.match(reasonOf(join(folder, "absent")), /cannot be read/);
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
});
