import type { ServerResponse } from "node:http";
import { timings } from "@rbee/contract";

/**
 * Tells a client that waits for its one answer that it is worked on: an interim response, 102. Where
 * that cannot be told nothing happens: to HTTP/1.0 (as nginx speaks to what is behind it by
 * default), and once the answer has begun.
 */
export function informClient(
  outgoing: ServerResponse | undefined,
  headers: Readonly<Record<string, string>>,
): void {
  if (outgoing === undefined || outgoing.headersSent || outgoing.destroyed) return;
  const { httpVersionMajor: major, httpVersionMinor: minor } = outgoing.req;
  if (major === 1 && minor === 0) return;
  outgoing.socket?.setKeepAlive(true, timings.socketProbeMs);
  outgoing.writeInformation(102, headers);
}
