import { RbeeError } from "@rbee/contract";
import type { SshAddress, SshTarget } from "../node-ports.ts";
import { targetWords } from "./build-ssh-words.ts";
import { askSsh } from "./run-ssh.ts";

export interface ResolvedTarget extends SshAddress {
  /** The name under which the host's key is kept. */
  readonly keyName: string;
}

/** What the person's SSH configuration makes of a target. Throws SSH_CLIENT_MISSING. */
export async function readSshConfig(target: SshTarget, timeoutMs: number): Promise<ResolvedTarget> {
  const answer = await askSsh(["-G", ...targetWords(target)], { timeoutMs });
  if (answer.exitCode === 0) return parseSshConfig(answer.stdout);
  const reason = `ssh cannot read its configuration: ${lastLine(answer.stderr)}`;
  throw new RbeeError("NODE_UNREACHABLE", { node: target.name, reason });
}

/** Reads what `ssh -G` prints: one option a line, in lower case. */
export function parseSshConfig(text: string): ResolvedTarget {
  const options = new Map<string, string>();
  for (const line of text.split("\n")) {
    const blank = line.indexOf(" ");
    // The first value counts, as for ssh itself.
    const name = line.slice(0, Math.max(blank, 0));
    if (blank > 0 && !options.has(name)) options.set(name, line.slice(blank + 1));
  }
  const isSet = (name: string) => (options.get(name) ?? "none") !== "none";
  const hostName = options.get("hostname") ?? "";
  const port = Number(options.get("port") ?? "22");
  const plainName = port === 22 ? hostName : `[${hostName}]:${port}`;
  return {
    hostName,
    port,
    user: options.get("user") ?? "",
    isBehindJump: isSet("proxyjump") || isSet("proxycommand"),
    keyName: options.get("hostkeyalias") ?? plainName,
  };
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
