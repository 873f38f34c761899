import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { ensureInstanceId } from "./instance-id.ts";

const directory = mkdtempSync(join(tmpdir(), "rbee-instance-"));
after(() => rmSync(directory, { recursive: true }));

describe("the identity of a queen", () => {
  it("lasts, is private, and replaces what is none", () => {
    const file = join(directory, "run/queen-instance-id");
    const id = ensureInstanceId(file);
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.equal(ensureInstanceId(file), id);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    writeFileSync(file, "");
    assert.notEqual(ensureInstanceId(file), id);
  });
});
