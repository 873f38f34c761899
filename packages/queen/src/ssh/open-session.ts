import { randomUUID } from "node:crypto";
import type { Readable, Writable } from "node:stream";
import { RbeeError } from "@rbee/contract";
import type { SshTarget } from "../node-ports.ts";
import { sessionWords } from "./build-ssh-words.ts";
import type { SshConnection } from "./open-connection.ts";
import { createMarker, quoteCommand } from "./quote-command.ts";
import { startSsh } from "./run-ssh.ts";
import type { ProgramEnd } from "./run-ssh.ts";
import { stripGreeting } from "./strip-greeting.ts";

/** A command on a node that has begun. */
export interface SshSession {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly ended: Promise<ProgramEnd>;
  readonly kill: () => void;
}

/** The command did not begin: the connection is gone, or the server wants no further session. */
export class SessionRefusal extends Error {
  override readonly name = "SessionRefusal";
}

interface SessionInput {
  readonly connection: SshConnection;
  readonly target: SshTarget;
  readonly words: readonly string[];
  readonly signal: AbortSignal;
  /** Until it has begun; without it, until the connection is found to be dead. */
  readonly timeoutMs: number | undefined;
}

/**
 * Starts a command over an open connection. Throws `SessionRefusal`, NODE_UNREACHABLE when time is
 * up, or the signal's reason.
 */
export async function openSession(input: SessionInput): Promise<SshSession> {
  const { connection, target, words, timeoutMs } = input;
  const limit = timeoutMs === undefined ? undefined : startLimit(input, timeoutMs);
  const signal = limit === undefined ? input.signal : AbortSignal.any([input.signal, limit.signal]);
  signal.throwIfAborted();
  const marker = createMarker(randomUUID());
  const child = startSsh([
    ...sessionWords(connection.socket),
    "--",
    target.sshHost,
    quoteCommand(words, marker),
  ]);
  const begun = Promise.withResolvers<void>();
  const stdout = stripGreeting(child.stdout, marker, () => begun.resolve());
  const stderr = stripGreeting(child.stderr, marker, () => {});
  // A client on an open connection answers SIGTERM only when its command has ended.
  const kill = () => child.kill("SIGKILL");
  signal.addEventListener("abort", kill, { once: true });
  void child.ended.finally(() => signal.removeEventListener("abort", kill)).catch(() => {});
  const hasBegun = await Promise.race([
    begun.promise.then(() => true),
    child.ended.then(() => false),
  ]);
  limit?.stop();
  signal.throwIfAborted();
  if (!hasBegun) throw new SessionRefusal(lastLine(stderr.greeting(), stdout.greeting()));
  return { stdin: child.stdin, stdout, stderr, ended: child.ended, kill };
}

function startLimit({ target, words }: SessionInput, timeoutMs: number) {
  const clock = new AbortController();
  const reason = `"${words[0]}" over SSH: no answer within ${timeoutMs / 1000} s.`;
  const timer = setTimeout(() => {
    clock.abort(new RbeeError("NODE_UNREACHABLE", { node: target.name, reason }));
  }, timeoutMs);
  return { signal: clock.signal, stop: () => clearTimeout(timer) };
}

function lastLine(...texts: readonly string[]): string {
  const lines = texts.flatMap((text) => text.split("\n").map((line) => line.trim()));
  return lines.filter((line) => line !== "").at(-1) ?? "it ended without a word";
}
