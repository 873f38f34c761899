// What only shows in a terminal: emoji, bars that are drawn again, line editing, Ctrl+C and Ctrl+D.

import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { createBox, eventually } from "@rbee/testkit";
import { noTerminal, openTerminal } from "../test/open-terminal.ts";
import { useScriptedWorker } from "../test/scripted-worker.ts";

const controlC = "\u0003";
const controlD = "\u0004";

describe("in a terminal", { skip: noTerminal }, async () => {
  const box = await createBox();
  after(() => box.close());
  useScriptedWorker(box, ["--token-ms", "20", "--layer-ms", "20"]);

  it("infer draws one bar again and again, with emoji, and ends its line", async () => {
    const terminal = openTerminal(box, ["infer", "x", "--max-tokens", "5"]);
    assert.equal(await terminal.ended, 0, terminal.screen());
    const screen = terminal.screen();
    assert.match(screen, /👑 starting queen-rbee/u);
    assert.ok(screen.split("\u001b[2KLoading [").length > 5, "the bar was drawn several times");
    assert.match(screen, /█{20}\] 100% \(32\/32 layers, 10\.0 MB\)/);
    const lines = screen.trimEnd().split("\r\n");
    assert.match(lines.at(-1) ?? "", /^5 tokens, \d+ ms, /);
  });

  it("--plain draws nothing again and shows no emoji", async () => {
    const terminal = openTerminal(box, ["infer", "x", "--max-tokens", "5", "--plain"]);
    assert.equal(await terminal.ended, 0);
    assert.ok(!terminal.screen().includes("\u001b"), JSON.stringify(terminal.screen()));
    assert.ok(!/\p{Extended_Pictographic}/u.test(terminal.screen()));
  });

  it("Ctrl+C ends infer with Canceled. on a line of its own", async () => {
    const terminal = openTerminal(box, ["infer", "x", "--max-tokens", "5000", "--quiet"]);
    await terminal.waitFor(/\w+ \w+/);
    terminal.type(controlC);
    assert.equal(await terminal.ended, 130);
    assert.match(terminal.screen(), /\r\nCanceled\.\r\n$/);
  });

  it("chat answers, Ctrl+C stops an answer and not the chat, Ctrl+D leaves", async () => {
    const terminal = openTerminal(box, ["chat", "--max-tokens", "5000", "--quiet"]);
    await terminal.waitFor(/> /);
    terminal.type("hello\r");
    await terminal.waitFor(/hello\r+\n[^]*\w+ \w+ \w+/);
    terminal.type(controlC);
    await terminal.waitFor(/Canceled\.\r\n[^]*> /);
    const { tasks } = await box.queen().call("listTasks");
    assert.ok(tasks.every(({ phase }) => phase !== "inferring"));
    terminal.type(controlC);
    await terminal.waitFor(/Ctrl\+D leaves/);
    terminal.type(controlD);
    assert.equal(await terminal.ended, 0);
  });

  it("status --watch draws its screen again until Ctrl+C", async () => {
    const terminal = openTerminal(box, ["status", "--watch"]);
    const isDrawn = () => terminal.screen().includes("\u001b[H\u001b[JQueen");
    await eventually(isDrawn, { timeoutMs: 10_000 });
    await box.keeper(["infer", "x", "--max-tokens", "3", "--quiet"]);
    await eventually(() => terminal.screen().split("\u001b[H").length > 2, { timeoutMs: 10_000 });
    terminal.type(controlC);
    assert.equal(await terminal.ended, 130);
  });
});
