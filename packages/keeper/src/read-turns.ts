import { createInterface } from "node:readline";
import type { Terminal } from "./output/terminal.ts";

/** What a person says, turn by turn: lines at a prompt, or the lines of a pipe. */
export async function* readTurns(
  terminal: Terminal,
  signal: AbortSignal,
): AsyncGenerator<string, void, void> {
  if (!terminal.isInputTerminal) {
    const lines = createInterface({ input: terminal.input, signal });
    for await (const line of lines) {
      if (line.trim() !== "") yield line;
    }
    return;
  }
  const history: string[] = [];
  for (;;) {
    const lines = await askLine(terminal, history, signal);
    if (lines === undefined) return;
    for (const line of lines) {
      if (line.trim() === "") continue;
      history.unshift(line);
      yield line;
    }
  }
}

// The line editor lives only while it waits for a line. In between the terminal is itself again, so
// that Ctrl+C during an answer is a signal. Several lines come when they were pasted together.
async function askLine(
  terminal: Terminal,
  history: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const editor = createInterface({
    input: terminal.input,
    output: terminal.dialogue,
    terminal: true,
    prompt: "> ",
    history: [...history],
    signal,
  });
  const lines: string[] = [];
  return await new Promise((resolve) => {
    editor.on("line", (line) => {
      lines.push(line);
      // What was pasted with it arrives in the same turn of the loop.
      setImmediate(() => editor.close());
    });
    editor.on("close", () => {
      if (lines.length === 0) terminal.writeError("\n");
      resolve(lines.length === 0 ? undefined : lines);
    });
    editor.on("SIGINT", () => {
      terminal.writeError(editor.line === "" ? "\n(Ctrl+D leaves)\n" : "\n");
      editor.write(null, { ctrl: true, name: "e" });
      editor.write(null, { ctrl: true, name: "u" });
      editor.prompt();
    });
    editor.prompt();
  });
}
