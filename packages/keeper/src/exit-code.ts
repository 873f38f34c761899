import { RbeeError } from "@rbee/contract";
import { AdvisedError } from "./advised-error.ts";
import type { InterruptCause } from "./interrupts.ts";
import { UsageError } from "./usage-error.ts";

export type ExitCode = 0 | 1 | 2 | 130;

/** The one place that knows how a failed command ends. */
export function exitCodeOf(error: unknown, cause: InterruptCause | undefined): ExitCode {
  // `| head -1` got what it wanted; that is no failure of ours.
  if (cause === "output-closed") return 0;
  if (cause === "interrupted") return 130;
  if (error instanceof AdvisedError) return exitCodeOf(error.cause, cause);
  if (error instanceof UsageError) return 2;
  return RbeeError.is(error, "REQUEST_CANCELED") ? 130 : 1;
}
