import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { commandTable, loadAllCommands } from "./command-table.ts";
import { exitCodeOf } from "./exit-code.ts";
import { parseCommandLine } from "./parse-command-line.ts";

async function parseRun(words: readonly string[]) {
  const parsed = await parseCommandLine(words);
  if (parsed.kind === "run") return parsed;
  throw new Error("text" in parsed ? parsed.text : parsed.kind);
}

async function parseWrong(words: readonly string[]): Promise<string> {
  const parsed = await parseCommandLine(words);
  assert.equal(parsed.kind, "wrong");
  return "text" in parsed ? parsed.text : "";
}

async function parseRefused(words: readonly string[]) {
  const parsed = await parseCommandLine(words);
  if (parsed.kind === "refused") return parsed.error;
  throw new Error(`the values were not refused: ${parsed.kind}`);
}

describe("the command line", () => {
  it("gives a command its argument, its flags by name, and the defaults", async () => {
    const line = await parseRun(["infer", "hello", "--max-tokens", "20", "--top-p=0.5"]);
    assert.equal(line.path, "infer");
    assert.deepEqual(line.input.arguments, { prompt: "hello" });
    const { maxTokens, topP, model, noWait, stop, node } = line.input.flags;
    assert.deepEqual(
      [maxTokens, topP, model, noWait, node],
      [20, 0.5, "hello-bee", false, undefined],
    );
    assert.deepEqual(stop, []);
  });

  it("takes global flags before and after the command", async () => {
    const before = await parseRun(["--queen", "http://127.0.0.1:8090", "--json", "models", "list"]);
    const after = await parseRun(["models", "list", "--json", "--queen", "http://127.0.0.1:8090"]);
    assert.deepEqual(before.globals, after.globals);
    assert.equal(before.globals.queen, "http://127.0.0.1:8090");
    assert.equal(before.globals.json, true);
    assert.equal(before.globals.noColor, false);
  });

  it("reads --no-wait and --no-color as switches that are off by default", async () => {
    const line = await parseRun(["infer", "x", "--no-wait", "--no-color"]);
    assert.equal(line.input.flags["noWait"], true);
    assert.equal(line.globals.noColor, true);
  });

  it("collects a repeated --stop in order", async () => {
    const line = await parseRun(["infer", "x", "--stop", "a", "--stop", "--b"]);
    assert.deepEqual(line.input.flags["stop"], ["a", "--b"]);
  });

  it("takes - as a prompt and -1 as the value of a flag", async () => {
    const line = await parseRun(["infer", "-"]);
    assert.deepEqual(line.input.arguments, { prompt: "-" });
    assert.match((await parseRefused(["infer", "x", "--seed", "-1"])).message, /between 0 and/);
  });

  const wrong: readonly (readonly [string, readonly string[], RegExp])[] = [
    ["an unknown flag", ["infer", "x", "--temprature", "1"], /Did you mean --temperature\?/],
    ["an unknown command", ["infr", "x"], /Did you mean infer\?/],
    ["an unknown word after a group", ["models", "lst"], /Did you mean list\?/],
    ["half a command", ["models"], /Usage: rbee-keeper models/],
    ["no command", [], /Usage: rbee-keeper \[options\]/],
    ["a missing argument", ["models", "pull"], /missing required argument 'model'/],
    ["too many arguments", ["infer", "write", "a", "story"], /too many arguments/],
    ["a flag without its value", ["infer", "x", "--model"], /argument missing/],
    ["a temperature in words", ["infer", "x", "--temperature", "warm"], /A number is needed/],
    ["half a token", ["infer", "x", "--max-tokens", "1.5"], /A whole number is needed/],
  ];
  for (const [name, words, reason] of wrong) {
    it(`calls ${name} wrong usage and shows the right one`, async () => {
      const text = await parseWrong(words);
      assert.match(text, reason);
      assert.match(text, /Usage: rbee-keeper/);
    });
  }

  const refused: readonly (readonly [string, readonly string[], RegExp])[] = [
    ["a temperature over 2", ["infer", "x", "--temperature", "2.1"], /between 0 and 2/],
    ["a top-p over 1", ["infer", "x", "--top-p", "1.5"], /between 0 and 1/],
    ["no token at all", ["infer", "x", "--max-tokens", "0"], /at least 1/],
    ["a backend that does not exist", ["infer", "x", "--backend", "gpu"], /names are cpu, cuda/],
    ["a node name with a space", ["infer", "x", "--node", "my mac"], /a node name has/],
    [
      "five stop texts",
      ["infer", "x", ..."abcde".split("").flatMap((s) => ["--stop", s])],
      /most 4/,
    ],
    ["a stop text of 101 characters", ["infer", "x", "--stop", "s".repeat(101)], /at most 100/],
    ["an empty node", ["infer", "x", "--node", ""], /it is empty/],
    ["a queen that is no URL", ["status", "--queen", "localhost"], /a URL is needed/],
    ["an unknown shell", ["completion", "tcsh"], /allowed choices are bash, zsh, fish/],
    ["a port below 1024", ["queen", "start", "--port", "80"], /between 1024 and 65535/],
  ];
  for (const [name, words, reason] of refused) {
    it(`refuses ${name}, which is a failure and no wrong usage`, async () => {
      const error = await parseRefused(words);
      assert.match(error.message, reason);
      assert.equal(exitCodeOf(error, undefined), 1);
    });
  }

  it("shows the version and the help when asked", async () => {
    assert.equal((await parseCommandLine(["--version"])).kind, "version");
    const help = await parseCommandLine(["--help"]);
    assert.equal(help.kind, "help");
    for (const path of Object.keys(commandTable)) {
      assert.match("text" in help ? help.text : "", new RegExp(`^  ${path.split(" ")[0]}\\b`, "m"));
    }
  });

  it("has help with an example for every command", async () => {
    for (const [path, command] of await loadAllCommands()) {
      const help = await parseCommandLine([...path.split(" "), "--help"]);
      assert.equal(help.kind, "help", path);
      const text = "text" in help ? help.text : "";
      assert.ok(text.includes(`Examples:\n  ${command.examples[0]}`), text);
      assert.ok(
        command.examples.every((example) => example.includes(`rbee-keeper ${path}`)),
        path,
      );
    }
  });
});
