import { ensureKeyFile, nodeKeyFile } from "@rbee/settings";
import { installFailed } from "./install-failure.ts";
import { keyScript } from "./node-scripts.ts";
import type { RoadToNode } from "./send-runtime.ts";

/** The key travels over stdin: nobody there can read it from a command line. */
export async function putHiveKey(
  { keysFolder }: { readonly keysFolder: string },
  { ssh, target, errand }: RoadToNode,
): Promise<void> {
  const key = ensureKeyFile(nodeKeyFile(keysFolder, target.name));
  const run = await ssh.run(target, ["sh", "-c", keyScript], {
    signal: errand.signal,
    input: `${key}\n`,
  });
  if (run.exitCode === 0) return;
  const reason = "The key of the hive cannot be written to ~/.rbee/keys there.";
  throw installFailed(target.name, {
    step: "writing the key",
    reason,
    lastLines: lastLinesOf(run.stderr),
  });
}

/** Asks the installed program as whoever starts it later will: over SSH, by the launcher. */
export async function requireVersion(
  { ssh, target, installPath, errand }: RoadToNode,
  version: string,
): Promise<void> {
  const program = `${installPath}/bin/rbee-hive`;
  const run = await ssh.run(target, [program, "--version"], { signal: errand.signal });
  if (run.exitCode === 0 && run.stdout.includes(version)) return;
  throw installFailed(target.name, {
    step: "verifying the version",
    reason: `${program} --version ended with exit code ${run.exitCode}.`,
    lastLines: lastLinesOf(`${run.stdout}\n${run.stderr}`),
  });
}

function lastLinesOf(text: string): string[] {
  return text.split("\n").filter(Boolean).slice(-5);
}
