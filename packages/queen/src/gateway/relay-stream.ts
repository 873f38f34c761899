import type { RelayEnd, RelayTarget } from "../ports.ts";
import { createFrameScanner } from "./scan-frames.ts";
import type { StreamClock } from "./stream-clock.ts";
import type { Upstream } from "./upstream.ts";

export interface RelayInput {
  readonly upstream: Upstream;
  readonly target: RelayTarget;
  readonly clock: StreamClock;
}

/** Carries a stream to its end. Throws the reason of the target's signal, or INVALID_RESPONSE. */
export function relayStream({ upstream, target, clock }: RelayInput): Promise<RelayEnd> {
  const scan = createFrameScanner();
  const { signal } = target;
  return new Promise((resolve, reject) => {
    const leave = () => {
      liveness.stop();
      signal.removeEventListener("abort", onAbort);
    };
    const finish = (end: RelayEnd) => {
      leave();
      if (end.kind === "ended") upstream.leave();
      else upstream.abandon();
      resolve(end);
    };
    const fail = (error: unknown) => {
      leave();
      upstream.abandon();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    const onAbort = () => fail(signal.reason);
    const liveness = clock.watch({
      tokenStallMs: target.tokenStallMs,
      watchesSilence: !upstream.tellsSilence,
      isHeld: upstream.isHeld,
      onEnd: (kind) => finish({ kind }),
    });
    const take = (bytes: Buffer) => {
      const { frames, tokens, promptTokens, terminal, isOver } = scan(bytes);
      if (promptTokens !== undefined) target.notePromptTokens(promptTokens);
      if (tokens > 0) {
        liveness.noteTokens();
        target.countTokens(tokens);
      }
      const waiting = frames === undefined ? undefined : target.sendFrames(frames);
      if (terminal !== undefined) finish({ kind: "ended", errorCode: terminal.errorCode });
      else if (isOver) finish({ kind: "broken" });
      else if (waiting !== undefined) upstream.hold(waiting);
    };
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener("abort", onAbort, { once: true });
    upstream.listen({
      onClose: (kind) => finish({ kind }),
      onBytes(bytes) {
        liveness.noteBytes();
        try {
          take(bytes);
        } catch (error) {
          fail(error);
        }
      },
    });
  });
}
