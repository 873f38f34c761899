import { execFile } from "node:child_process";

const timeoutMs = 30_000;

/** What a program says to `--version`, or why it says nothing of use. */
export function tryProgram(
  path: string,
): Promise<{ readonly answer: string; readonly failure: string | undefined }> {
  const options = { timeout: timeoutMs, killSignal: "SIGKILL" as const, encoding: "utf8" as const };
  return new Promise((resolve) => {
    execFile(path, ["--version"], options, (error, stdout, stderr) => {
      const answer = stdout.trim();
      if (error === null) return resolve({ answer, failure: undefined });
      const why = error.killed
        ? `it did not answer within ${timeoutMs / 1000} s`
        : (error.signal ?? (error.code === undefined ? error.message : `exit code ${error.code}`));
      return resolve({ answer: `${answer}\n${stderr}`.trim(), failure: why });
    });
  });
}
