import { RbeeError, timings } from "@rbee/contract";
import type { Narration } from "@rbee/contract";
import type { QueenClient } from "@rbee/sdk";
import { waitMs } from "./wait.ts";

export interface StoppingQueen {
  readonly client: QueenClient;
  readonly correlationId: string;
  /** Hears what the queen stops, as it goes. */
  readonly onStory: (event: Narration) => void;
  readonly isGone: () => Promise<boolean> | boolean;
  /** Ends the waiting, not the queen's stop. */
  readonly signal?: AbortSignal;
  /** Her process, when it is on this machine. */
  readonly pid: number | undefined;
}

// The cascade of spec 2 from above: ask, wait as long as the queen may take, then insist.
// Answers how it ended; throws when she refuses to be asked (a wrong key).
export async function stopQueen(queen: StoppingQueen): Promise<"graceful" | "forced" | "alive"> {
  const isAsked = await ask(queen);
  const patienceMs = isAsked ? timings.queenShutdownMs : timings.shutdownTermMs;
  if (await waitUntilGone(queen, patienceMs)) return "graceful";
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    if (queen.pid === undefined) return "alive";
    sendSignal(queen.pid, signal);
    if (await waitUntilGone(queen, timings.shutdownAcknowledgeMs)) return "forced";
  }
  return "alive";
}

async function ask(queen: StoppingQueen): Promise<boolean> {
  const { client, correlationId } = queen;
  const timeoutMs = timings.shutdownAcknowledgeMs;
  try {
    const events = await client.stream("followShutdown", { correlationId, timeoutMs });
    void tellStory(events, queen);
    return true;
  } catch (error) {
    if (RbeeError.is(error, "SHUTTING_DOWN")) return true;
    if (RbeeError.is(error)) throw error;
    return false;
  }
}

// However the stream ends: whether she is gone is looked at apart from it.
async function tellStory(
  events: AsyncIterable<{ readonly type: string }>,
  { onStory }: StoppingQueen,
): Promise<void> {
  try {
    for await (const event of events) {
      if (event.type === "narration") onStory(event as Narration);
    }
  } catch {
    // Her connections are closed with her.
  }
}

async function waitUntilGone({ isGone, signal }: StoppingQueen, limitMs: number): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    if (await isGone()) return true;
    if (performance.now() > deadline) return false;
    await waitMs(timings.queenStartPollMs, signal);
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in between, or belongs to somebody else; the next look tells which.
  }
}

/** Whether no process has this id any more. */
export function isProcessGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
