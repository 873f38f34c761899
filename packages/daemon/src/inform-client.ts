import type { ServerResponse } from "node:http";
import { timings } from "@rbee/contract";

// How proxies say that they are there.
const proxyHeaders = ["via", "forwarded", "x-forwarded-for", "x-real-ip"];

/**
 * Tells a client that waits for its one answer that it is worked on: an interim response, 102.
 * Where that may be misread nothing is told: over HTTP/1.0, and through a proxy, since nginx takes the
 * first head that comes for the answer's. The connection is probed from then on in any case.
 */
export function informClient(
  outgoing: ServerResponse | undefined,
  headers: Readonly<Record<string, string>>,
): void {
  if (outgoing === undefined || outgoing.headersSent || outgoing.destroyed) return;
  outgoing.socket?.setKeepAlive(true, timings.socketProbeMs);
  const { httpVersion, headers: asked } = outgoing.req;
  const hasProxy = proxyHeaders.some((name) => asked[name] !== undefined);
  if (httpVersion === "1.0" || hasProxy) return;
  outgoing.writeInformation(102, headers);
}
