import assert from "node:assert/strict";
import { it } from "node:test";
import { formatLogLine } from "./format-log-line.ts";

const say = (line: object | string) =>
  formatLogLine(typeof line === "string" ? line : JSON.stringify(line), (time) =>
    time.toISOString().slice(11, 16),
  );

it("a line of a log is told with its time, who said it, and its figures", () => {
  const line = { level: "warn", time: "2026-11-23T13:01:39.831Z", program: "rbee-hive", pid: 7 };
  assert.equal(
    say({ ...line, msg: "stopped", worker: "w1", limit: { mb: 3 } }),
    '13:01 warn  [rbee-hive] stopped worker=w1 limit={"mb":3}',
  );
  const narration = { type: "narration", actor: "engine", action: "x", human: "hm", level: "info" };
  assert.equal(say({ narration }), "info  [engine] hm");
  const status = { state: "idle", slots_total: 2, memory_bytes: 7 };
  assert.equal(say({ status }), "info  [llm-worker-rbee] is idle");
});

it("what is no line of a log stays as it is", () => {
  for (const text of ["", "plain words", "{", "null", "[1]", '{"a":1}', "7"]) {
    assert.equal(say(text), text);
  }
  assert.equal(
    say({ msg: "m", time: "yesterday" }),
    "info  [rbee] m",
    "no time rather than a wrong one",
  );
});
