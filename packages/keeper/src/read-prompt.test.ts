import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import { RbeeError, sizes } from "@rbee/contract";
import type { Terminal } from "./output/terminal.ts";
import { readPrompt } from "./read-prompt.ts";
import { readTurns } from "./read-turns.ts";
import { UsageError } from "./usage-error.ts";

function withInput(input: Readable, isInputTerminal = false): Terminal {
  return { input, isInputTerminal } as Terminal;
}

const nothing = {
  argument: undefined,
  flag: undefined,
  isRaw: false,
  signal: new AbortController().signal,
};

describe("the prompt", () => {
  it("is the argument or --prompt, and then stdin is left alone", async () => {
    const input = Readable.from(["from stdin"]);
    assert.equal(await readPrompt(withInput(input), { ...nothing, argument: "a" }), "a");
    assert.equal(await readPrompt(withInput(input), { ...nothing, flag: "b" }), "b");
    assert.equal(input.readableDidRead, false);
  });

  it("is what is piped, without the last line end", async () => {
    const bytes = [...Buffer.from("schön 🐝\n\n")].map((byte) => Buffer.from([byte]));
    assert.equal(await readPrompt(withInput(Readable.from(bytes)), nothing), "schön 🐝\n");
  });

  it("is read from stdin for -, even in a terminal", async () => {
    const terminal = withInput(Readable.from(["typed\n"]), true);
    assert.equal(await readPrompt(terminal, { ...nothing, argument: "-" }), "typed");
  });

  it("keeps every byte with --raw", async () => {
    const raw = { ...nothing, isRaw: true };
    assert.equal(await readPrompt(withInput(Readable.from(["text\n"])), raw), "text\n");
  });

  it("is wrong usage when it is missing, empty or given twice", async () => {
    const cases = [
      readPrompt(withInput(Readable.from([]), true), nothing),
      readPrompt(withInput(Readable.from([" \n"])), nothing),
      readPrompt(withInput(Readable.from([])), { ...nothing, argument: "" }),
      readPrompt(withInput(Readable.from([])), { ...nothing, argument: "a", flag: "b" }),
    ];
    for (const prompt of cases) await assert.rejects(prompt, UsageError);
  });

  it("that no request can carry is refused before it is all read", async () => {
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(65_536, "a");
      })(),
    );
    await assert.rejects(readPrompt(withInput(endless), nothing), (error) => {
      assert.ok(RbeeError.is(error, "PAYLOAD_TOO_LARGE"));
      return error.details.limit_bytes === sizes.bodyMaxBytes;
    });
  });

  it("is no longer waited for after an interrupt", async () => {
    const interrupt = new AbortController();
    const silent = new Readable({ read() {} });
    const prompt = readPrompt(withInput(silent), { ...nothing, signal: interrupt.signal });
    interrupt.abort();
    await assert.rejects(prompt);
  });
});

describe("turns of a pipe", () => {
  it("are its lines, without the empty ones", async () => {
    const terminal = withInput(Readable.from(["one\n\ntw", "o\nthree"]));
    const turns: string[] = [];
    for await (const turn of readTurns(terminal, nothing.signal)) turns.push(turn);
    assert.deepEqual(turns, ["one", "two", "three"]);
  });
});
