import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import { requireKeyFile } from "./require-key-file.ts";

const folder = mkdtempSync(join(tmpdir(), "rbee-key-"));
after(() => rmSync(folder, { recursive: true }));

function refusal(path: string) {
  try {
    requireKeyFile(path);
  } catch (error) {
    if (RbeeError.is(error, "SSH_KEY_NOT_FOUND")) return error.details;
    throw error;
  }
  return undefined;
}

describe("an SSH key file", () => {
  it("is taken when only its owner may read it", () => {
    const path = join(folder, "key");
    writeFileSync(path, "key", { mode: 0o600 });
    assert.equal(refusal(path), undefined);
  });

  it("is refused by its path when it is missing", () => {
    const path = join(folder, "none");
    assert.deepEqual(refusal(path), { path });
    assert.deepEqual(refusal(join(folder, "key/none")), { path: join(folder, "key/none") });
  });

  it("is refused with the reason when it is a directory or open to others", () => {
    const directory = join(folder, "directory");
    mkdirSync(directory);
    assert.match(refusal(directory)?.problem ?? "", /^is a directory/);
    const open = join(folder, "open");
    writeFileSync(open, "key");
    chmodSync(open, 0o644);
    assert.match(refusal(open)?.problem ?? "", /^has mode 644: .* chmod 600 it$/);
  });
});
