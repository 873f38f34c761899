import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judgeVersion } from "./judge-hive.ts";

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
