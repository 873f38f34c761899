import { execFile } from "node:child_process";
import { timings } from "@rbee/contract";

/** What came of a vendor's tool: most machines have none of them, and some have a broken one. */
export type ToolResult =
  | { readonly status: "done"; readonly stdout: string }
  | { readonly status: "absent" }
  | { readonly status: "failed"; readonly problem: string };

const outputMaxBytes = 32 * 1024 * 1024;

/** Runs a tool with a time limit. Throws only the signal's reason. */
export async function runTool(
  file: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<ToolResult> {
  signal.throwIfAborted();
  const timeout = timings.deviceToolTimeoutMs;
  const options = { signal, timeout, killSignal: "SIGKILL", maxBuffer: outputMaxBytes } as const;
  const result = await new Promise<ToolResult>((resolve) => {
    execFile(file, args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ status: "done", stdout });
      else if (error.code === "ENOENT" || error.code === "EACCES") resolve({ status: "absent" });
      else if (error.killed === true) {
        resolve({ status: "failed", problem: `${file} gave no answer within ${timeout} ms` });
      } else
        resolve({
          status: "failed",
          problem: firstLine(stderr) ?? firstLine(stdout) ?? error.message,
        });
    });
  });
  signal.throwIfAborted();
  return result;
}

function firstLine(text: string): string | undefined {
  return text
    .split("\n")
    .map((line) => line.trim())
    .find((line) => line !== "");
}
