import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { loadAllCommands } from "./command-table.ts";
import { completionScript } from "./completion-script.ts";
import type { Shell } from "./completion-script.ts";

const commands = await loadAllCommands();

function missing(shell: Shell): string | false {
  return spawnSync(shell, ["-c", "true"]).error === undefined ? false : `${shell} is not installed`;
}

function saveScript(shell: Shell): string {
  const path = join(mkdtempSync(join(tmpdir(), "rbee-completion-")), `rbee.${shell}`);
  writeFileSync(path, completionScript(shell, commands));
  return path;
}

// Asks the real shell what it would offer for a line.
function completeInBash(words: readonly string[]): string[] {
  const line = words.map((word) => `'${word}'`).join(" ");
  const script = `source ${saveScript("bash")}
    COMP_WORDS=(rbee-keeper ${line}); COMP_CWORD=${words.length}
    _rbee_keeper; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync("bash", ["-c", script], { encoding: "utf8" }).trim().split("\n");
}

function completeInFish(line: string): string[] {
  const script = `source ${saveScript("fish")}; complete -C "rbee-keeper ${line}"`;
  const text = execFileSync("fish", ["--no-config", "-c", script], { encoding: "utf8" });
  return text
    .trim()
    .split("\n")
    .map((entry) => entry.split("\t")[0] ?? "");
}

describe("completion in bash", { skip: missing("bash") }, () => {
  it("offers commands, then what belongs to the command", () => {
    assert.ok(completeInBash(["in"]).includes("infer"));
    assert.deepEqual(completeInBash(["models", "p"]), ["pull"]);
    assert.deepEqual(completeInBash(["infer", "--max"]), ["--max-tokens"]);
    assert.deepEqual(completeInBash(["infer", "a prompt", "--min"]), ["--min-p"]);
  });

  it("offers the values of a flag, and skips values on the way", () => {
    assert.deepEqual(completeInBash(["infer", "--backend", "cu"]), ["cuda"]);
    assert.deepEqual(completeInBash(["--queen", "models", "infer", "--no-w"]), ["--no-wait"]);
    assert.deepEqual(completeInBash(["completion", "z"]), ["zsh"]);
  });
});

describe("completion in fish", { skip: missing("fish") }, () => {
  it("offers commands, flags and values", () => {
    assert.deepEqual(completeInFish("inf"), ["infer"]);
    assert.deepEqual(completeInFish("models p"), ["pull"]);
    assert.deepEqual(completeInFish("infer --max"), ["--max-tokens"]);
    assert.deepEqual(completeInFish("infer --backend cu"), ["cuda"]);
    assert.deepEqual(completeInFish("--queen models infer --no-w"), ["--no-wait"]);
  });
});

describe("completion in zsh", { skip: missing("zsh") }, () => {
  it("is a script that zsh can read and that registers itself", () => {
    // -D: no dump. Named /dev/null instead, zsh moves its dump there: as root that ends /dev/null.
    const script = `autoload -U compinit && compinit -u -D; source ${saveScript("zsh")}
      print $_comps[rbee-keeper] $_comps[rbee]`;
    const text = execFileSync("zsh", ["-f", "-c", script], { encoding: "utf8" });
    assert.equal(text.trim(), "_rbee_keeper _rbee_keeper");
  });
});

describe("the scripts", () => {
  it("name every command and flag, in every shell", () => {
    for (const shell of ["bash", "zsh", "fish"] as const) {
      const script = completionScript(shell, commands);
      for (const [path, command] of commands) {
        for (const word of path.split(" ")) assert.ok(script.includes(word), `${shell}: ${word}`);
        assert.ok(Object.keys(command.flags).length === 0 || script.includes("json"), shell);
      }
      assert.match(script, /max-tokens/);
    }
  });
});
