import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import type { RbeeError } from "@rbee/contract";
import { timings } from "@rbee/contract";
import type { SshTarget } from "../node-ports.ts";
import { connectionWords, targetWords } from "./build-ssh-words.ts";
import type { HostKeyPolicy, SshPlaces } from "./build-ssh-words.ts";
import { keyFiles } from "./key-files.ts";
import { createMarker, quoteCommand } from "./quote-command.ts";
import type { ResolvedTarget } from "./read-ssh-config.ts";
import { startSsh } from "./run-ssh.ts";
import type { SshChild } from "./run-ssh.ts";
import { findOfferedFingerprint, translateSshFailure } from "./ssh-failure.ts";
import { stripGreeting } from "./strip-greeting.ts";

/** One login on a node; sessions and forwarded ports ride on it. */
export interface SshConnection {
  /** The control socket. */
  readonly socket: string;
  /** The fingerprint of the key that the host showed. */
  readonly hostKey: string | undefined;
  readonly isOpen: () => boolean;
  /** Settles when it is not open any more. */
  readonly ended: Promise<void>;
  readonly close: () => Promise<void>;
}

export interface ConnectionInput extends SshPlaces {
  readonly target: SshTarget;
  readonly address: ResolvedTarget;
  readonly socket: string;
  readonly policy: HostKeyPolicy;
  /** For the error: how many attempts there are in all. */
  readonly attempts: number;
  readonly signal: AbortSignal;
}

const wordsMaxCharacters = 65_536;

/**
 * One attempt to log in. Throws what `translateSshFailure` makes of it, or the signal's reason.
 * The session that keeps the connection is a `cat` whose input is our pipe: when this process
 * ends, however it does, so does that.
 */
export async function openConnection(input: ConnectionInput): Promise<SshConnection> {
  const { target, socket, signal, policy, connectTimeoutMs } = input;
  signal.throwIfAborted();
  const marker = createMarker(randomUUID());
  const child = startSsh([
    ...connectionWords(input, socket, policy),
    ...targetWords(target),
    quoteCommand(["cat"], marker),
  ]);
  const words = keepLastWords(child);
  const abort = () => child.kill();
  signal.addEventListener("abort", abort, { once: true });
  // The first limit is ssh's own; this one is for a login that begins and never ends.
  let isOverdue = false;
  const limit = setTimeout(() => {
    isOverdue = true;
    child.kill("SIGKILL");
  }, connectTimeoutMs * 2);
  const output = stripGreeting(child.stdout, marker, () => begun.resolve());
  const begun = Promise.withResolvers<void>();
  output.resume();
  let hasEnded = false;
  const ended = child.ended.finally(() => {
    hasEnded = true;
    rmSync(socket, { force: true });
  });
  ended.catch(() => {});
  try {
    const isIn = await Promise.race([begun.promise.then(() => true), ended.then(() => false)]);
    signal.throwIfAborted();
    if (!isIn) throw failureOf(input, { stderr: words(), stdout: output.greeting(), isOverdue });
  } finally {
    clearTimeout(limit);
    signal.removeEventListener("abort", abort);
  }
  return {
    socket,
    hostKey: findOfferedFingerprint(words()),
    isOpen: () => !hasEnded,
    ended: ended.then(
      () => {},
      () => {},
    ),
    close: () => endChild(child, ended),
  };
}

function keepLastWords(child: SshChild): () => string {
  let text = "";
  child.stderr.setEncoding("utf8").on("data", (piece: string) => {
    text = (text + piece).slice(-wordsMaxCharacters);
  });
  return () => text.replaceAll("\r", "");
}

interface Heard {
  readonly stderr: string;
  readonly stdout: string;
  readonly isOverdue: boolean;
}

function failureOf(input: ConnectionInput, heard: Heard): RbeeError {
  const { target, address, attempts, connectTimeoutMs: timeoutMs } = input;
  return translateSshFailure({ target, address, attempts, timeoutMs, ...heard, ...keyFiles });
}

async function endChild(child: SshChild, ended: Promise<unknown>): Promise<void> {
  child.kill();
  const force = setTimeout(() => child.kill("SIGKILL"), timings.sshCloseMs);
  await ended.catch(() => {});
  clearTimeout(force);
}
