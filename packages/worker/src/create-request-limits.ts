import { RbeeError } from "@rbee/contract";
import { startDeadline } from "@rbee/daemon";
import type { RequestLimits, Ticket } from "./ports.ts";

interface LimitsInput {
  readonly ticket: Pick<Ticket, "signal" | "abort">;
  readonly deadline: Date;
  /** So long without a token ends the request; absent where no tokens come. */
  readonly stallMs: number | undefined;
  /** How long the engine may take to let go of an ended request. */
  readonly graceMs: number;
}

/** Ends a request at its deadline or when tokens stop coming. */
export function createRequestLimits(input: LimitsInput): RequestLimits {
  const { ticket } = input;
  const stall = createStallClock(input);
  const clock = startDeadline(input.deadline);
  const onDeadline = () => ticket.abort(clock.signal.reason as RbeeError);
  if (clock.signal.aborted) onDeadline();
  clock.signal.addEventListener("abort", onDeadline);
  const aborted = Promise.withResolvers<void>();
  const overdue = Promise.withResolvers<never>();
  overdue.promise.catch(() => {});
  let grace: NodeJS.Timeout | undefined;
  const onAbort = () => {
    aborted.resolve();
    grace = setTimeout(() => overdue.reject(ticket.signal.reason), input.graceMs);
  };
  if (ticket.signal.aborted) onAbort();
  else ticket.signal.addEventListener("abort", onAbort, { once: true });

  stall.start();
  return {
    overdue: overdue.promise,
    noteTokens: stall.noteTokens,
    async waitUnlessAborted(wait) {
      // While the reader is slow it is not the engine that is late.
      stall.stop();
      await Promise.race([wait, aborted.promise]);
      if (!ticket.signal.aborted) stall.start();
    },
    stop() {
      ticket.signal.removeEventListener("abort", onAbort);
      clock.stop();
      stall.stop();
      clearTimeout(grace);
    },
  };
}

function createStallClock({ stallMs, ticket }: LimitsInput) {
  let tokens = 0;
  let timer: NodeJS.Timeout | undefined;
  const fire = () => {
    const seconds = (stallMs ?? 0) / 1000;
    ticket.abort(new RbeeError("GENERATION_TIMEOUT", { seconds, tokens_generated: tokens }));
  };
  return {
    start() {
      if (stallMs !== undefined) timer = setTimeout(fire, stallMs);
    },
    stop: () => clearTimeout(timer),
    noteTokens(count: number) {
      tokens += count;
      timer?.refresh();
    },
  };
}
