import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import { AdvisedError } from "../advised-error.ts";
import { exitCodeOf } from "../exit-code.ts";
import { errorFromEvent } from "../remote-error.ts";
import { UsageError } from "../usage-error.ts";
import { renderError, renderErrorJson } from "./render-error.ts";

const known = {
  correlationId: "c-1",
  configuration: {
    file: "/home/ada/.config/rbee/config.toml",
    queenUrl: "http://127.0.0.1:8090",
    keyFile: "/home/ada/queen.key",
    hiveKeyFile: "/home/ada/.rbee/keys/hive.key",
  },
};
const style = { isVerbose: false, hasColor: false };

const memory = new RbeeError("INSUFFICIENT_RAM", {
  node: "mac",
  model: "hello-bee",
  required: 6000,
  available: 4000,
});

describe("an error on the terminal", () => {
  it("says what happened, the figures, and what to do next", () => {
    const [title, ...lines] = renderError(memory, known, style).trimEnd().split("\n");
    assert.match(title ?? "", /^Error: .*need 6000 MB, have 4000 MB\. \[INSUFFICIENT_RAM\]$/);
    assert.deepEqual(lines.slice(0, 3), [
      "  Node: mac",
      "  Required: 6000 MB",
      "  Available: 4000 MB",
    ]);
    assert.match(lines[3] ?? "", /^ {2}-> .*smaller quantisation \(Q4 instead of Q8\)/);
  });

  it("adds what the keeper knows: its advice stands first", () => {
    const advised = new AdvisedError(memory, {
      lines: ["Partial result: /tmp/x"],
      hints: ["first"],
    });
    const text = renderError(advised, known, style);
    assert.match(text, /Available: 4000 MB\n {2}Partial result: \/tmp\/x\n {2}-> first\n/);
  });

  it("names the configuration, the key file and the host when the queen refuses the key", () => {
    const error = new RbeeError("INVALID_API_KEY", { program: "queen-rbee" });
    const text = renderError(error, known, style);
    assert.match(text, /Authentication failed/);
    assert.match(text, /Invalid key for 127\.0\.0\.1:8090/);
    assert.match(text, /Key file in use: \/home\/ada\/queen\.key/);
    assert.match(text, /Configuration in use: \/home\/ada\/\.config\/rbee\/config\.toml/);
  });

  it("names the hive's host and key file when a hive refuses the queen's key", () => {
    const error = new RbeeError("INVALID_API_KEY", { program: "rbee-hive", host: "mac:9200" });
    const text = renderError(error, known, style);
    assert.match(text, /Invalid key for mac:9200/);
    assert.match(text, /hive\.key/);
    assert.ok(!text.includes("queen.key"));
  });

  it("shows the correlation id and the stack only with --verbose", () => {
    assert.ok(!renderError(memory, known, style).includes("c-1"));
    const verbose = renderError(memory, known, { ...style, isVerbose: true });
    assert.match(verbose, /Correlation id: c-1/);
    assert.match(verbose, /render-error\.test\.ts/);
  });

  it("of no known kind names its cause and the correlation id, not the stack", () => {
    const error = new Error("outer", { cause: new Error("the disk is on fire") });
    const text = renderError(error, known, style);
    assert.match(text, /\[INTERNAL_ERROR\]/);
    assert.match(text, /Because: the disk is on fire/);
    assert.match(text, /Correlation id: c-1/);
    assert.ok(!text.includes("    at "));
  });

  it("of a newer program is shown in that program's words", () => {
    const error = errorFromEvent({
      code: "HIVE_ON_STRIKE",
      message: "The hive wants more honey.",
      type: "server_error",
      param: null,
      details: {},
      correlation_id: "c-1",
    });
    assert.match(renderError(error, known, style), /wants more honey\. \[HIVE_ON_STRIKE\]/);
  });

  it("cannot move the cursor", () => {
    const error = new RbeeError("NODE_UNREACHABLE", { node: "mac", reason: "\u001b[2Jgone" });
    assert.ok(!renderError(error, known, style).includes("\u001b"));
  });

  it("is one line of JSON for programs", () => {
    const text = renderErrorJson(memory, known);
    assert.equal(text.trimEnd().split("\n").length, 1);
    const { error } = JSON.parse(text) as { error: Record<string, unknown> };
    assert.equal(error["code"], "INSUFFICIENT_RAM");
    assert.deepEqual(error["details"], memory.details);
    assert.equal(error["correlation_id"], "c-1");
  });
});

describe("the exit code", () => {
  it("is 2 for wrong usage, 130 for cancelled, 1 for everything else", () => {
    assert.equal(exitCodeOf(new UsageError("no prompt is given"), undefined), 2);
    assert.equal(exitCodeOf(new RbeeError("REQUEST_CANCELED", {}), undefined), 130);
    assert.equal(exitCodeOf(memory, undefined), 1);
    assert.equal(exitCodeOf(new AdvisedError(memory, {}), undefined), 1);
    assert.equal(exitCodeOf(new Error("?"), undefined), 1);
  });

  it("is 130 after Ctrl+C whatever broke, and 0 when the reader of stdout had enough", () => {
    assert.equal(exitCodeOf(memory, "interrupted"), 130);
    assert.equal(exitCodeOf(memory, "output-closed"), 0);
  });
});
