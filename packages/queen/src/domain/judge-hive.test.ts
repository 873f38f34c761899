import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judgeOwner, judgeVersion } from "./judge-hive.ts";

const question = { queenVersion: "0.1.0", hiveVersion: "0.1.7", node: "mac", isLocal: false };

describe("the version of a hive", () => {
  it("may differ in its last part", () => {
    assert.equal(judgeVersion(question), undefined);
  });

  it("that is newer asks for an upgrade of the programs here", () => {
    assert.deepEqual(judgeVersion({ ...question, hiveVersion: "0.2.0" }), {
      program: "rbee-keeper",
      to: "0.2.0",
      command: "git fetch --tags && git checkout v0.2.0 && ./rbee queen stop",
    });
  });

  it("that is older asks for an upgrade there, or for a restart on this machine", () => {
    const older = { ...question, queenVersion: "0.2.0" };
    assert.equal(
      judgeVersion(older)?.command,
      "rbee-keeper setup install --node mac && rbee-keeper hive restart --node mac",
    );
    assert.equal(judgeVersion({ ...older, isLocal: true })?.command, "rbee-keeper hive restart");
  });
});

describe("the owner of a hive", () => {
  const question = { instanceId: "queen-1", startedBy: "queen-1", nodeThere: "mac", node: "mac" };

  it("is this queen, an operator, or somebody else", () => {
    assert.equal(judgeOwner(question), "usable");
    assert.equal(judgeOwner({ ...question, startedBy: "queen-2" }), "taken");
    const operators = { ...question, startedBy: "operator", nodeThere: "localhost" };
    assert.equal(judgeOwner(operators), "usable");
  });

  it("may be this queen under another name: both names lead to one machine", () => {
    assert.equal(judgeOwner({ ...question, node: "mac-2" }), "elsewhere");
  });
});
