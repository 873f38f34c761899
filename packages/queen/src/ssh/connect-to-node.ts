import { existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { RbeeError, timings } from "@rbee/contract";
import { requireKeyFile } from "@rbee/settings";
import type { SshTarget } from "../node-ports.ts";
import type { Story } from "../ports.ts";
import type { SshPlaces } from "./build-ssh-words.ts";
import { openConnection } from "./open-connection.ts";
import type { SshConnection } from "./open-connection.ts";
import { readSshConfig } from "./read-ssh-config.ts";
import type { ResolvedTarget } from "./read-ssh-config.ts";
import { askSsh } from "./run-ssh.ts";
import { isWorthRetrying } from "./ssh-failure.ts";

export interface ConnectInput extends SshPlaces {
  readonly target: SshTarget;
  /** Makes the path of a control socket that nothing uses. */
  readonly newSocket: () => string;
  readonly story: Story;
  readonly signal: AbortSignal;
  readonly acceptHostKey?: "new" | "changed" | undefined;
}

const policies = { none: "known", new: "new", changed: "replaced" } as const;

/** Logs in: three attempts as long as another may end otherwise, each told. */
export async function connectToNode(input: ConnectInput): Promise<SshConnection> {
  const { target, knownHosts, connectTimeoutMs, signal, acceptHostKey } = input;
  if (target.sshKeyPath !== undefined) requireKeyFile(target.sshKeyPath);
  const address = await readSshConfig(target, connectTimeoutMs);
  signal.throwIfAborted();
  mkdirSync(dirname(knownHosts), { recursive: true, mode: 0o700 });
  if (acceptHostKey === "changed") await forgetHostKey(target, input);
  const policy = policies[acceptHostKey ?? "none"];
  const delaysMs = timings.connectDelaysMs;
  let failure: unknown;
  for (const [index, delayMs] of delaysMs.entries()) {
    if (delayMs > 0) await wait(delayMs, undefined, { signal }).catch(() => {});
    signal.throwIfAborted();
    tellAttempt(input, address, { attempt: index + 1, delayMs });
    const startedAt = performance.now();
    try {
      const socket = input.newSocket();
      const attempts = delaysMs.length;
      const connection = await openConnection({ ...input, address, socket, policy, attempts });
      tellConnected(input, connection, performance.now() - startedAt);
      return connection;
    } catch (error) {
      // What no other attempt can change is told once, by whoever hears of the error.
      if (!RbeeError.is(error) || !isWorthRetrying(error)) throw error;
      tellFailed(input, address, error);
      failure = error;
    }
  }
  throw failure;
}

/**
 * Takes a machine's host key out of the queen's own file; what the person keeps is the person's.
 * There a key that matches is enough, whatever else stands beside it.
 */
export async function forgetHostKey(
  target: SshTarget,
  { knownHosts, connectTimeoutMs: timeoutMs }: SshPlaces,
): Promise<void> {
  if (!existsSync(knownHosts)) return;
  const { keyName } = await readSshConfig(target, timeoutMs);
  await askSsh(["-R", keyName, "-f", knownHosts], { program: "ssh-keygen", timeoutMs });
  // It keeps what it took out.
  rmSync(`${knownHosts}.old`, { force: true });
}

interface Attempt {
  readonly attempt: number;
  readonly delayMs: number;
}

function tellAttempt(
  { target, story, connectTimeoutMs }: ConnectInput,
  { hostName, port }: ResolvedTarget,
  { attempt, delayMs }: Attempt,
): void {
  const of = timings.connectDelaysMs.length;
  const figures = `timeout ${connectTimeoutMs / 1000}s, delay ${delayMs}ms`;
  const human = `Attempt ${attempt}/${of}: connecting to ${hostName}:${port} (${figures})`;
  story({
    type: "tell",
    line: {
      action: "ssh-connect",
      target: target.name,
      human,
      cute: `🔌 ${human}`,
      attempt,
      attempts_max: of,
      delay_ms: delayMs,
      timeout_ms: connectTimeoutMs,
    },
  });
}

function tellConnected({ target, story }: ConnectInput, { hostKey }: SshConnection, ms: number) {
  const duration_ms = Math.round(ms);
  const human = `SSH to ${target.name} works (${duration_ms} ms, host key ${hostKey ?? "unknown"})`;
  const cute = `🔑 ${human}`;
  const line = { action: "ssh-connected", target: target.name, human, cute, duration_ms };
  story({ type: "tell", line });
}

function tellFailed(
  { target, story, connectTimeoutMs }: ConnectInput,
  { hostName, port }: ResolvedTarget,
  error: RbeeError,
): void {
  const reasons: Readonly<Record<string, string>> = {
    SSH_CONNECTION_TIMEOUT: `No answer from ${hostName}:${port} within ${connectTimeoutMs / 1000} s`,
    SSH_CONNECTION_REFUSED: `${hostName}:${port} refuses the connection`,
  };
  const reason = RbeeError.is(error, "NODE_UNREACHABLE") ? error.details.reason : error.message;
  const human = reasons[error.code] ?? reason;
  const line = { action: "ssh-failed", target: target.name, human, level: "warn" } as const;
  story({ type: "tell", line });
}
