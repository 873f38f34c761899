import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { followLog, readLogTail } from "./read-log-tail.ts";

const folder = mkdtempSync(join(tmpdir(), "rbee-log-test-"));
after(() => rmSync(folder, { recursive: true }));

function writeLog(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe("the tail of a log", () => {
  it("is its last whole lines, however long the file is", async () => {
    const lines = Array.from({ length: 20_000 }, (_unused, index) => `line ${index} äöü`);
    const path = writeLog("long.log", `${lines.join("\n")}\nhalf a l`);
    const tail = await readLogTail(path, 5000);
    assert.deepEqual(tail?.lines, lines.slice(-5000));
    assert.deepEqual((await readLogTail(path, 1))?.lines, ["line 19999 äöü"]);
    assert.deepEqual((await readLogTail(path, 0))?.lines, []);
  });

  it("goes on in the files that were rotated away", async () => {
    writeLog("rotated.log.2", "1\n2\n");
    writeLog("rotated.log.1", "3\n4\n");
    const path = writeLog("rotated.log", "5\n");
    assert.deepEqual((await readLogTail(path, 4))?.lines, ["2", "3", "4", "5"]);
    assert.deepEqual((await readLogTail(path, 100))?.lines, ["1", "2", "3", "4", "5"]);
  });

  it("is not there without a file", async () => {
    assert.equal(await readLogTail(join(folder, "none.log"), 10), undefined);
  });
});

describe("following a log", () => {
  it("begins where the tail ended and waits for the end of a line", async () => {
    const path = writeLog("followed.log", "old\nhal");
    const tail = await readLogTail(path, 10);
    assert.ok(tail !== undefined);
    const follower = followLog(path, tail);
    assert.deepEqual(await follower.readNew(), []);
    appendFileSync(path, "f\nnext\n");
    assert.deepEqual(await follower.readNew(), ["half", "next"]);
    assert.deepEqual(await follower.readNew(), []);
    await follower.close();
  });

  it("reads the old file to its end before it begins with the new one", async () => {
    const path = writeLog("turned.log", "");
    const tail = await readLogTail(path, 10);
    assert.ok(tail !== undefined);
    const follower = followLog(path, tail);
    assert.deepEqual(await follower.readNew(), []);
    appendFileSync(path, "last of the old\n");
    renameSync(path, `${path}.1`);
    writeFileSync(path, "first of the new\n");
    assert.deepEqual(await follower.readNew(), ["last of the old", "first of the new"]);
    await follower.close();
  });

  it("reads a file that does not exist yet from its beginning", async () => {
    const path = join(folder, "later.log");
    const follower = followLog(path, { offset: 0, inode: 0 });
    assert.deepEqual(await follower.readNew(), []);
    writeFileSync(path, "here\n");
    assert.deepEqual(await follower.readNew(), ["here"]);
    await follower.close();
  });
});
