import { spawn, spawnSync } from "node:child_process";
import { programCommand } from "@rbee/settings";
import { eventually } from "@rbee/testkit";
import type { Box } from "@rbee/testkit";

/** A keeper in a terminal of its own; what is typed goes through the kernel's line discipline. */
export interface TerminalSession {
  readonly type: (text: string) => void;
  readonly screen: () => string;
  readonly waitFor: (pattern: RegExp, timeoutMs?: number) => Promise<void>;
  readonly ended: Promise<number | null>;
}

/** Why there is no terminal here, or false. */
export const noTerminal =
  process.platform === "linux" && spawnSync("script", ["--version"]).status === 0
    ? false
    : "script (util-linux) is not installed";

/** Runs the keeper under `script`, which makes a terminal and passes on what happens there. */
export function openTerminal(box: Box, words: readonly string[]): TerminalSession {
  const command = [...programCommand(box.installation, "rbee-keeper"), ...words]
    .map((word) => `'${word.replaceAll("'", "'\\''")}'`)
    .join(" ");
  // `exec`: a shell in between would hear Ctrl+C too, and end with a code of its own.
  const child = spawn("script", ["-qefc", `exec ${command}`, "/dev/null"], {
    env: { HOME: box.home, RBEE_HOME: box.rbeeHome, PATH: process.env["PATH"], TERM: "xterm" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => (text += piece));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return {
    type: (typed) => void child.stdin.write(typed),
    screen: () => text,
    waitFor: async (pattern, timeoutMs = 20_000) => {
      await eventually(() => pattern.test(text), {
        timeoutMs,
        what: String(pattern),
      });
    },
    ended,
  };
}
