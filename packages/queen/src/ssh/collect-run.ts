import { once } from "node:events";
import { StringDecoder } from "node:string_decoder";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { RbeeError, sizes, timings } from "@rbee/contract";
import type { RemoteOptions, RemoteRun, SshTarget } from "../node-ports.ts";
import type { SshConnection } from "./open-connection.ts";
import type { SshSession } from "./open-session.ts";

interface Running {
  readonly session: SshSession;
  readonly target: SshTarget;
  readonly words: readonly string[];
  readonly connection: SshConnection;
}

/** Waits for a command's end and keeps what it says. Throws NODE_UNREACHABLE or the reason. */
export async function collectRun(
  running: Running,
  { signal, timeoutMs, input, onLine }: RemoteOptions,
): Promise<RemoteRun> {
  const { session, words, connection } = running;
  let failure: RbeeError | undefined;
  const giveUp = (reason: string) => {
    failure ??= unreachable(running, reason);
    session.kill();
  };
  const limit =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => giveUp(`no end within ${timeoutMs / 1000} s`), timeoutMs);
  const read = (name: "stdout" | "stderr") => {
    const tooMuch = () => giveUp("more output than anybody would read");
    return readText(session[name], { onLine: (line) => onLine?.(line, name), tooMuch });
  };
  const texts = { stdout: read("stdout"), stderr: read("stderr") };
  const sending = sendInput(session, input);
  // Its failure is looked at when the command has ended.
  sending.catch(() => {});
  try {
    const end = await session.ended;
    signal.throwIfAborted();
    if (failure !== undefined) throw failure;
    if (end.exitCode === 255 && (await hasBroken(connection))) {
      throw unreachable(running, `the connection broke during "${words[0]}"`);
    }
    await sending.catch((error: unknown) => {
      // A command may end before it has read everything; a source that fails is another matter.
      if (end.exitCode !== 0) return;
      throw error;
    });
    return { ...end, stdout: await texts.stdout, stderr: await texts.stderr };
  } finally {
    clearTimeout(limit);
  }
}

// The same number may be the command's own. A connection that breaks ends in the same moment, but
// which of the two ends is heard of first is not said.
async function hasBroken(connection: SshConnection): Promise<boolean> {
  const limit = AbortSignal.timeout(timings.quietAttemptMs);
  await Promise.race([connection.ended, once(limit, "abort")]);
  return !connection.isOpen();
}

interface Reading {
  readonly onLine: (line: string) => void;
  readonly tooMuch: () => void;
}

async function readText(stream: Readable, { onLine, tooMuch }: Reading): Promise<string> {
  const decoder = new StringDecoder("utf8");
  let text = "";
  let rest = "";
  const take = (piece: string) => {
    text += piece;
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(onLine);
  };
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (text.length > sizes.remoteOutputMaxBytes) tooMuch();
    else take(decoder.write(chunk));
  }
  take(decoder.end());
  if (rest !== "") onLine(rest);
  return text;
}

async function sendInput(session: SshSession, input: RemoteOptions["input"]): Promise<void> {
  if (!(input instanceof Readable)) {
    session.stdin.end(input ?? "");
    return;
  }
  const sending = pipeline(input, session.stdin);
  sending.catch(() => session.stdin.destroy());
  // The stream is not ours any more once the command has ended.
  void session.ended.catch(() => {}).then(() => input.destroy());
  await sending;
}

function unreachable({ target, words }: Running, what: string): RbeeError {
  const reason = `"${words[0]}" over SSH: ${what}.`;
  return new RbeeError("NODE_UNREACHABLE", { node: target.name, reason });
}
