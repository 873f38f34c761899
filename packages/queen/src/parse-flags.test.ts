import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseFlags } from "./parse-flags.ts";

describe("the command line of the queen", () => {
  it("takes its flags with or without the word daemon", () => {
    const words = ["--port", "18080", "--host", "::1", "--ready-fd", "3", "--lifeline-fd=4"];
    const flags = {
      host: "::1",
      port: 18_080,
      database: undefined,
      configFile: undefined,
      readyDescriptor: 3,
      lifelineDescriptor: 4,
    };
    assert.deepEqual(parseFlags(words), { kind: "run", flags });
    assert.deepEqual(parseFlags(["daemon", ...words]), { kind: "run", flags });
  });

  it("says what is wrong", () => {
    for (const words of [["--prot", "1"], ["serve"], ["--port"], ["--port", "x"]]) {
      const result = parseFlags(words);
      assert.equal(result.kind, "wrong", words.join(" "));
      assert.ok(result.kind === "wrong" && result.reason.length > 5);
    }
  });

  it("helps and tells its version", () => {
    assert.deepEqual(parseFlags(["--help"]), { kind: "help" });
    assert.deepEqual(parseFlags(["daemon", "--version"]), { kind: "version" });
  });
});
