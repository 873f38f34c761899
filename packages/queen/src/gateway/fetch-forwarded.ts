import { timings } from "@rbee/contract";
import { TransportError, transportErrorFrom } from "@rbee/sdk";
import type { FetchedResponse, FetchInit } from "@rbee/sdk";
import { nodeFetch } from "@rbee/sdk/node";
import { delay } from "./look-for-hive.ts";

/**
 * Asks through a forwarded port of this machine. What the connection does tells about two things at
 * once: a port of ours that refuses is an SSH connection that has just ended, and another one is
 * asked for; a connection that is taken and broken is one that nobody there wanted.
 */
export async function fetchForwarded(
  open: () => Promise<string>,
  init: FetchInit,
): Promise<FetchedResponse> {
  const first = await attempt(open, init);
  if (!(first instanceof TransportError)) return first;
  if (first.failure !== "refused") throw first;
  await delay(timings.sshLossNoticeMs, init.signal ?? new AbortController().signal);
  const second = await attempt(open, init);
  if (!(second instanceof TransportError)) return second;
  throw second.failure === "refused" ? connectionEnded(second) : second;
}

// Returns what our side of the forwarding said; throws what is said about the other side.
async function attempt(
  open: () => Promise<string>,
  init: FetchInit,
): Promise<FetchedResponse | TransportError> {
  const url = await open();
  try {
    return await nodeFetch(url, init);
  } catch (error) {
    init.signal?.throwIfAborted();
    const failure = transportErrorFrom(error);
    if (failure.failure !== "reset") return failure;
    const text = "connection refused there, through SSH";
    throw new TransportError("refused", text, { cause: error });
  }
}

function connectionEnded(cause: TransportError): TransportError {
  return new TransportError("reset", "the SSH connection ended", { cause });
}
