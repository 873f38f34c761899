import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { isInstalled } from "@rbee/testkit";
import fc from "fast-check";
import { createMarker, quoteCommand } from "./quote-command.ts";

const marker = createMarker("0a1b");
const shells = ["sh", "bash", "dash", "zsh", "fish", "tcsh"];

// Prints every word that it gets, with its length, so that nothing can hide between two of them.
const printer = [
  process.execPath,
  "-e",
  "process.stdout.write(JSON.stringify(process.argv.slice(1)))",
  "--",
];

function runIn(shell: string, words: readonly string[]): string[] {
  const line = quoteCommand([...printer, ...words], marker);
  const run = spawnSync(shell, ["-c", line], { encoding: "utf8", env: { LANG: "C" } });
  assert.equal(run.status, 0, run.stderr);
  // Before it may stand what the shell's own files say.
  assert.ok(run.stderr.endsWith(marker.line), run.stderr);
  const [, answer = ""] = run.stdout.split(marker.line);
  return JSON.parse(answer) as string[];
}

const nasty = [
  "",
  " ",
  "-n",
  "~",
  "~/rbee",
  "$HOME",
  "`id`",
  "$(id)",
  "a'b",
  'a"b',
  "a\\b",
  "\\\\",
  "\\'",
  "a!b",
  "!!",
  "line\nline",
  "\n",
  "\r\t",
  "*?[a]{b,c}",
  "%self =ls ^x",
  ";|&<>()#",
  "grün 🐝",
  "\\0101%s%%",
  "--",
];

describe("a quoted command", () => {
  for (const shell of shells) {
    const skip = isInstalled(shell) ? false : `${shell} is not installed`;

    it(`keeps the words that are known for trouble in ${shell}`, { skip }, () => {
      assert.deepEqual(runIn(shell, nasty), nasty);
    });

    it(`keeps any words in ${shell}`, { skip, timeout: 60_000 }, () => {
      const character = fc.oneof(
        fc.constantFrom(..."'\"\\!$`*?~#%^&|;<>(){}[]=- \n\t"),
        fc.string({ minLength: 1, maxLength: 1, unit: "binary" }),
      );
      const word = fc
        .array(character, { maxLength: 12 })
        .map((parts) => parts.join("").replaceAll("\0", ""));
      // Several words a run: starting a program takes longer than anything else here.
      fc.assert(
        fc.property(fc.array(word, { minLength: 8, maxLength: 40 }), (words) => {
          assert.deepEqual(
            runIn(shell, words),
            words.map((text) => text.toWellFormed()),
          );
        }),
        { numRuns: 12 },
      );
    });
  }

  it("shows plain paths as they are, for whoever reads a process list", () => {
    const line = quoteCommand(["/opt/rbee/bin/rbee-hive", "start", "--node", "mac"], marker);
    assert.ok(line.includes("exec /opt/rbee/bin/rbee-hive start --node mac'"), line);
  });

  it("is refused without a word and with a NUL in one", () => {
    assert.throws(() => quoteCommand([], marker), /needs a word/);
    assert.throws(() => quoteCommand(["a\0b"], marker), /NUL/);
  });
});
