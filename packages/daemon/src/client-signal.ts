import type { ServerResponse } from "node:http";
import { RbeeError } from "@rbee/contract";
import type { KeyAccess } from "./authenticate.ts";
import { startDeadline } from "./deadline.ts";

interface ClientSignalInput {
  /** Of the request; all there is when programs are joined in one process. */
  readonly request: AbortSignal;
  /** With a socket the response's own `close` tells that the client is gone. */
  readonly outgoing: ServerResponse | undefined;
  readonly deadline: Date | undefined;
  readonly watchEnd: KeyAccess["watchEnd"];
}

/**
 * Aborts when the client is gone (REQUEST_CANCELED), the deadline has passed (REQUEST_TIMEOUT), or
 * the key is good no more (KEY_REVOKED, KEY_EXPIRED).
 */
export function clientSignal(input: ClientSignalInput): AbortSignal {
  const { outgoing, deadline, watchEnd } = input;
  const end = new AbortController();
  const unwatch = watchEnd?.((reason) => end.abort(reason));
  if (unwatch !== undefined) outgoing?.once("close", unwatch);
  outgoing?.once("close", () => {
    if (!outgoing.writableFinished) end.abort(new RbeeError("REQUEST_CANCELED", {}));
  });
  const signals = outgoing === undefined ? [input.request, end.signal] : [end.signal];
  if (deadline !== undefined) {
    const clock = startDeadline(deadline);
    outgoing?.once("close", clock.stop);
    signals.push(clock.signal);
  }
  return AbortSignal.any(signals);
}
