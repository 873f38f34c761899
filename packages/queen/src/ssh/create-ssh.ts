import { setTimeout as wait } from "node:timers/promises";
import { RbeeError, timings } from "@rbee/contract";
import type { Ssh, SshTarget } from "../node-ports.ts";
import { collectRun } from "./collect-run.ts";
import { createLines } from "./create-lines.ts";
import type { Lines, SshOptions } from "./create-lines.ts";
import { openSession, SessionRefusal } from "./open-session.ts";
import { readSshConfig } from "./read-ssh-config.ts";
import { showHostKey } from "./show-host-key.ts";

/** The machines over the system's OpenSSH client; see the port. */
export function createSsh(options: SshOptions): Ssh {
  const lines = createLines(options);
  const quietly = (signal: AbortSignal) => ({ story: () => {}, signal });
  return {
    resolve: (target) => readSshConfig(target, options.connectTimeoutMs),
    showHostKey: (target, { isReplaced }) => showHostKey(target, { ...options, isReplaced }),
    async connect(target, connectOptions) {
      const { connection } = await lines.open(target, connectOptions);
      return { hostKey: connection.hostKey };
    },
    async run(target, words, runOptions) {
      const { signal, timeoutMs } = runOptions;
      const begun = await beginCommand(lines, { target, words, signal, timeoutMs });
      return await collectRun({ ...begun, target, words }, runOptions);
    },
    async start(target, words, { signal }) {
      return (await beginCommand(lines, { target, words, signal, timeoutMs: undefined })).session;
    },
    async forward(target, remotePort, signal) {
      const { line, connection } = await lines.open(target, quietly(signal));
      return await line.forwards.open(connection, { target, remotePort });
    },
    async forget(target) {
      await lines.close(target.name);
      await lines.forgetHostKey(target);
    },
    close: (name) => (name === undefined ? lines.closeAll() : lines.close(name)),
  };
}

interface Command {
  readonly target: SshTarget;
  readonly words: readonly string[];
  readonly signal: AbortSignal;
  readonly timeoutMs: number | undefined;
}

// A command that did not begin may be tried again: on a new connection when the old one is gone, or
// a little later when the server allows no further session now.
async function beginCommand(lines: Lines, command: Command) {
  const { target, signal } = command;
  for (const delayMs of [...timings.sessionDelaysMs, undefined]) {
    const { connection } = await lines.open(target, { story: () => {}, signal });
    try {
      return { connection, session: await openSession({ ...command, connection }) };
    } catch (error) {
      if (!(error instanceof SessionRefusal)) throw error;
      if (delayMs === undefined) throw refusalOf(target, error);
      if (connection.isOpen()) await wait(delayMs, undefined, { signal }).catch(() => {});
      signal.throwIfAborted();
    }
  }
  throw new Error("the last attempt throws");
}

function refusalOf(target: SshTarget, cause: SessionRefusal): RbeeError {
  const reason = `SSH is open, but the command did not begin: ${cause.message}`;
  return new RbeeError("NODE_UNREACHABLE", { node: target.name, reason }, { cause });
}
