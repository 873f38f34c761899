import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { readLogTail } from "./read-log-tail.ts";

const path = join(mkdtempSync(join(tmpdir(), "rbee-log-")), "queen.log");
const old = '{"msg":"an old line"}\n';
const lines = [
  '{"level":"info","msg":"queen-rbee listens"}',
  '{"level":"error","msg":"it failed","error":{"message":"no space","stack":"..."}}',
  "plain words on stderr",
  "    at place (file.ts:1:2)",
];

describe("the end of a log", () => {
  it("is readable: messages of JSON lines, plain lines as they are, no stacks", () => {
    writeFileSync(path, `${old}${lines.join("\n")}\n`);
    assert.deepEqual(readLogTail(path, { fromByte: old.length, linesMax: 10 }), [
      "queen-rbee listens",
      "it failed: no space",
      "plain words on stderr",
    ]);
    assert.deepEqual(readLogTail(path, { fromByte: 0, linesMax: 1 }), ["plain words on stderr"]);
  });

  it("is empty when there is no log", () => {
    assert.deepEqual(readLogTail(`${path}.none`, { fromByte: 0, linesMax: 5 }), []);
  });
});
