import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nodeCommands, parseCommandLine, UsageError } from "./parse-command-line.ts";
import { usage } from "./usage.ts";

describe("the words of rbee-hive", () => {
  it("start the daemon with or without its name", () => {
    const nothing = parseCommandLine([]);
    assert.equal(nothing.type, "daemon");
    assert.deepEqual(parseCommandLine(["daemon"]), nothing);
    const words = [
      "--addr",
      "[::1]:19200",
      "--node",
      "mac",
      "--started-by",
      "q",
      "--ready-fd",
      "3",
    ];
    assert.deepEqual(parseCommandLine(["daemon", ...words]), {
      type: "daemon",
      host: "::1",
      port: 19_200,
      configFile: undefined,
      node: "mac",
      startedBy: "q",
      readyDescriptor: 3,
    });
  });

  it("start the daemon in the background, with what its starter knows", () => {
    const words = ["start", "--default-addr", "0.0.0.0:9200", "--node", "mac", "--key-stdin"];
    assert.deepEqual(parseCommandLine([...words, "--json"]), {
      type: "start",
      host: undefined,
      port: undefined,
      defaultAddress: { host: "0.0.0.0", port: 9200 },
      configFile: undefined,
      node: "mac",
      startedBy: undefined,
      takesKey: true,
      isJson: true,
    });
    for (const wrong of [["--default-addr", "x"], ["now"], ["--ready-fd", "3"]]) {
      assert.throws(() => parseCommandLine(["start", ...wrong]), UsageError);
    }
  });

  it("name a command for this node, in full or by its noun", () => {
    for (const words of [["models"], ["models", "list"]]) {
      const command = parseCommandLine(words);
      assert.equal(command.type === "node" && command.name, "models list");
    }
    const spawn = parseCommandLine(["worker", "spawn", "hello-bee", "--slots", "2", "--json"]);
    assert.ok(spawn.type === "node" && spawn.isJson);
    assert.equal(spawn.argument, "hello-bee");
    assert.equal(spawn.flags["slots"], "2");
  });

  it("are refused when they make no sense", () => {
    const wrong = [
      ["--frob"],
      ["daemon", "now"],
      ["--port", "80"],
      ["--port", "many"],
      ["--addr", "nowhere"],
      ["--ready-fd", "x"],
      ["models", "show"],
      ["models", "dance"],
      ["worker", "stop"],
      ["worker", "list", "all"],
      ["worker", "list", "--slots", "2"],
      ["status", "now"],
    ];
    for (const words of wrong) {
      assert.throws(() => parseCommandLine(words), UsageError, words.join(" "));
    }
  });

  it("are all in the usage", () => {
    for (const name of Object.keys(nodeCommands)) {
      assert.ok(
        name.split(" ").every((word) => usage.includes(word)),
        name,
      );
    }
  });
});
