import type { IncomingMessage } from "node:http";
import { timings } from "@rbee/contract";

/** The stream of one request as it comes from a worker, over whichever connection. */
export interface Upstream {
  /** Whole or in pieces, in order; `onClose` only once, and not after `leave` or `abandon`. */
  readonly listen: (listener: UpstreamListener) => void;
  /** It tells by itself when nothing comes any more, not even keep-alives. */
  readonly tellsSilence: boolean;
  /** True while the reader is slow and nothing is read for it. */
  readonly isHeld: () => boolean;
  /** Reads no further until the promise settles. */
  readonly hold: (wait: Promise<void>) => void;
  /** The terminal event came: what follows it does not matter. */
  readonly leave: () => void;
  /** Nobody wants the rest. */
  readonly abandon: () => void;
}

export interface UpstreamListener {
  readonly onBytes: (bytes: Buffer) => void;
  readonly onClose: (kind: "broken" | "silent") => void;
}

/** An answer that has its connection to itself. */
export function readUpstream(response: IncomingMessage): Upstream {
  const stopListening = () => {
    response.removeAllListeners("data").removeAllListeners("close");
  };
  return {
    tellsSilence: false,
    listen({ onBytes, onClose }) {
      response.on("error", () => {});
      response.on("close", () => onClose("broken"));
      response.on("data", onBytes);
    },
    isHeld: () => response.isPaused(),
    hold(wait) {
      response.pause();
      void wait.then(() => response.resume());
    },
    leave() {
      stopListening();
      drain(response);
    },
    abandon() {
      stopListening();
      response.on("error", () => {}).destroy();
    },
  };
}

// What follows the terminal event is read to its end so that the connection can serve again.
function drain(response: IncomingMessage): void {
  const limit = setTimeout(() => response.destroy(), timings.connectionLostMs);
  limit.unref();
  response.once("close", () => clearTimeout(limit)).resume();
}
