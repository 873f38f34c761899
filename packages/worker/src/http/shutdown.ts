import type { workerRoutes } from "@rbee/contract";
import type { Handler } from "@rbee/daemon";

interface ShutdownInput {
  /** How long running requests may take when the caller does not say. */
  readonly drainMs: number;
  /** Takes no new requests, waits for the running ones for so long, then ends the process. */
  readonly leave: (drainMs: number) => void;
}

/** Acknowledges at once; whoever wants to know when it is over watches the process. */
export function shutDown(input: ShutdownInput): Handler<typeof workerRoutes.shutdown> {
  return ({ body }) => {
    const drainMs =
      body.timeout_seconds === undefined ? input.drainMs : body.timeout_seconds * 1000;
    input.leave(body.graceful === false ? 0 : drainMs);
    return { success: true, message: "The worker finishes what runs, then it ends." };
  };
}
