import assert from "node:assert/strict";
import { test } from "node:test";
import type { QueenState } from "../live-state.ts";
import { renderStatus } from "./render-status.ts";

const node = {
  name: "mac",
  status: "unreachable",
  version: null,
  devices: null,
  last_seen: null,
  last_error: "rbee-hive: connection refused",
  hive_stopped: false,
} as const satisfies QueenState["nodes"][number];

function lineOf(change: Partial<QueenState["nodes"][number]>): string | undefined {
  const state: QueenState = {
    type: "state",
    version: "0.1.0",
    uptime_s: 3,
    nodes: [{ ...node, ...change }],
    workers: [],
    tasks: [],
  };
  const lines = renderStatus(state, { url: "http://127.0.0.1:8080", now: new Date() });
  return lines.find((line) => line.includes("mac"));
}

test("a node on which no hive runs is not called unreachable", () => {
  assert.equal(
    lineOf({ hive_stopped: true }),
    "  mac: no hive runs; one is started when it is needed",
  );
});

test("a node that does not answer is shown with the reason and when it was last seen", () => {
  const line = lineOf({ last_error: "no answer" });
  assert.equal(line, "  mac: unreachable, last seen never (no answer)");
});

test("a node that answers is shown with its version", () => {
  const line = lineOf({ status: "reachable", version: "0.1.0", last_error: null });
  assert.equal(line, "  mac: reachable, v0.1.0");
});
