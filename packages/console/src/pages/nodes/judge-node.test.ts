import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import type { NodeState } from "@rbee/contract";
import { judgeNode } from "./judge-node.ts";

const queenVersion = "1.2.0";
const registered = { last_error: null };
const live: NodeState = {
  name: "mac",
  status: "reachable",
  version: "1.2.0",
  devices: null,
  last_seen: "2026-01-01T00:00:00Z",
  last_error: null,
  hive_stopped: false,
};
const silent: NodeState = { ...live, status: "unreachable", version: null };
const judge = (state: NodeState | undefined, node: typeof registered | undefined = registered) =>
  judgeNode({ name: "mac", live: state, registered: node, queenVersion });
const mended = (state: NodeState, node?: typeof registered) => {
  const { label, note } = judge(state, node);
  return [label, note?.level, note?.mend];
};

describe("how a machine is", () => {
  it("is unknown until it is heard of, and fine when it is reached", () => {
    assert.equal(judge(undefined).label, "unknown");
    assert.deepEqual(mended(live), ["reachable", undefined, undefined]);
  });

  it("needs an upgrade when its hive is older, which installing brings", () => {
    const older = { ...live, version: "1.1.9" };
    assert.deepEqual(mended(older), ["needs an upgrade", "warning", "install"]);
    for (const version of ["1.3.0", "1.2.1"]) {
      assert.deepEqual(mended({ ...live, version }), ["reachable", "warning", undefined]);
    }
    const mismatch = new RbeeError("VERSION_MISMATCH", {
      ours: { program: "queen-rbee", version: "1.2.0" },
      theirs: { program: "rbee-hive", version: "0.9.0" },
      upgrade: { program: "rbee-hive", to: "1.2.0", command: "" },
    });
    const refused = { ...silent, last_error: mismatch.message };
    assert.deepEqual(mended(refused), ["needs an upgrade", "warning", "install"]);
  });

  it("needs only a restart on the queen's own machine, whose programs are hers", () => {
    const question = { name: "localhost", registered: undefined, queenVersion };
    const { note } = judgeNode({ ...question, live: { ...live, version: "1.1.0" } });
    assert.equal(note?.mend, "restart");
  });

  it("asks about a host key that changed, wherever that was heard", () => {
    const where = { node: "mac", host: "mac.home", port: 22 };
    const { message } = new RbeeError("SSH_HOST_KEY_CHANGED", where);
    const expected = ["unreachable", "problem", "host-key"];
    assert.deepEqual(mended({ ...silent, last_error: message }), expected);
    assert.deepEqual(judge(silent, { last_error: message as never }).note?.mend, "host-key");
  });

  it("is asleep without a hive; rbee is to be installed where it was never heard", () => {
    const asleep = { ...silent, hive_stopped: true };
    assert.deepEqual(mended(asleep), ["asleep", "info", undefined]);
    assert.deepEqual(mended({ ...asleep, last_seen: null }), ["asleep", "info", "install"]);
  });

  it("is looked at when it does not answer, with what was said last", () => {
    const { label, note } = judge({ ...silent, last_error: "no route to host" });
    assert.deepEqual([label, note?.text, note?.mend], ["unreachable", "no route to host", "check"]);
  });
});
