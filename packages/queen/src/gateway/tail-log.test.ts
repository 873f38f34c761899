import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { tailLog } from "./tail-log.ts";

const directory = mkdtempSync(join(tmpdir(), "rbee-tail-"));
after(() => rmSync(directory, { recursive: true }));

const open = (name: string, lines: number, follow = false) => {
  const control = new AbortController();
  const file = join(directory, name);
  const events = tailLog({ file, lines, follow, signal: control.signal });
  return { file, events, stop: () => control.abort() };
};

async function linesOf(name: string, lines: number): Promise<unknown[]> {
  const seen: unknown[] = [];
  for await (const event of open(name, lines).events) {
    seen.push(event.type === "log" ? event.line : event);
  }
  return seen;
}

describe("the tail of a log", () => {
  it("is its last lines, however long the log is", async () => {
    const text = Array.from({ length: 5000 }, (_value, index) => `wörd ${index} ${"x".repeat(60)}`);
    writeFileSync(join(directory, "long.log"), `${text.join("\n")}\n`);
    const seen = await linesOf("long.log", 1500);
    assert.deepEqual(seen, [...text.slice(-1500), { type: "done", done: true, lines: 1500 }]);
    assert.deepEqual(await linesOf("long.log", 0), [{ type: "done", done: true, lines: 0 }]);
  });

  it("is nothing when there is no log", async () => {
    assert.deepEqual(await linesOf("none.log", 10), [{ type: "done", done: true, lines: 0 }]);
  });

  it("goes on with what is added, whole lines only, and into the file after a rotation", async () => {
    writeFileSync(join(directory, "live.log"), "one\nhalf");
    const { file, events, stop } = open("live.log", 5, true);
    const next = async () => {
      const { value } = await events.next();
      return value?.type === "log" ? value.line : value;
    };
    assert.equal(await next(), "one");
    appendFileSync(file, " a line\ntwo\n");
    assert.equal(await next(), "half a line");
    assert.equal(await next(), "two");
    appendFileSync(file, "last of the old file\n");
    renameSync(file, `${file}.1`);
    writeFileSync(file, "three\n");
    assert.equal(await next(), "last of the old file");
    assert.equal(await next(), "three");
    const ended = events.next();
    stop();
    assert.equal((await ended).done, true);
  });
});
