import { randomBytes } from "node:crypto";
import { lockName } from "@rbee/payload";
import { RbeeError } from "@rbee/contract";
import { installFailed } from "./install-failure.ts";
import { lockScript } from "./node-scripts.ts";
import type { NodeShell } from "./node-shell.ts";

interface LockInput {
  readonly node: string;
  readonly installPath: string;
  /** The queen's lasting id. */
  readonly owner: string;
}

/**
 * Takes the lock of an install path, which is made when it is not there; held for as long as the
 * shell lives. Returns what the lock says. Throws INSTALL_RUNNING, INSTALL_FAILED.
 */
export async function lockNode(shell: NodeShell, input: LockInput): Promise<string> {
  const { node, installPath, owner } = input;
  const { lines } = await shell.run(lockScript, {
    words: [installPath, owner, randomBytes(8).toString("hex")],
    isLasting: true,
  });
  const find = (key: string) =>
    lines.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1);
  const held = find("held");
  if (held !== undefined) return held;
  const pid = find("busy");
  if (pid !== undefined) {
    const lock = `${installPath}/${lockName}`;
    throw new RbeeError("INSTALL_RUNNING", { node, lock, pid: Number(pid) });
  }
  const reason = find("failed") ?? lines.at(-1) ?? `${installPath}/${lockName} cannot be made`;
  throw installFailed(node, { step: `making ${installPath}`, reason });
}
