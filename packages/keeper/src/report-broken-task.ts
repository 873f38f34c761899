import { RbeeError } from "@rbee/contract";
import { AdvisedError } from "./advised-error.ts";
import type { BrokenTask } from "./follow-task.ts";
import type { Keeper } from "./keeper.ts";
import { probeQueen } from "./probe-queen.ts";
import { RemoteError } from "./remote-error.ts";
import { savePartial } from "./save-partial.ts";

interface BrokenAnswer {
  readonly taskId: string;
  readonly maxTokens: number | undefined;
}

/**
 * What to throw for a task that broke: its error, with the place where the text so far was saved.
 * A cancelled task saves nothing, its text was wanted no more.
 */
export async function reportBrokenTask(
  keeper: Keeper,
  broken: BrokenTask,
  { taskId, maxTokens }: BrokenAnswer,
): Promise<unknown> {
  const { cause, text, tokens } = broken;
  const isKnown = RbeeError.is(cause) || cause instanceof RemoteError;
  if (!isKnown || RbeeError.is(cause, "REQUEST_CANCELED") || text === "") return cause;
  const path = savePartial(taskId, text);
  if (path !== undefined) {
    keeper.story.narrate({
      action: "partial-saved",
      human: `partial result saved to ${path}`,
      cute: `💾 partial result saved to ${path}`,
    });
  }
  const lines = [
    ...(saysTokens(cause) ? [] : [`Tokens generated: ${tokens}${ofTotal(maxTokens)}`]),
    path === undefined ? "The text so far could not be saved." : `Partial result: ${path}`,
  ];
  const isQueenGone = RbeeError.is(cause, "SSE_CLOSED") && (await findQueenGone(keeper));
  return new AdvisedError(cause, {
    lines: isQueenGone ? [...lines, "queen-rbee does not answer any more."] : lines,
    hints: isQueenGone ? ["rbee-keeper queen start, or run this again: it starts her."] : [],
  });
}

// A stream breaks with its worker or with the queen; only here can one see which.
async function findQueenGone(keeper: Keeper): Promise<boolean> {
  const { queenUrl, settings } = keeper.configuration();
  const timeoutMs = settings.timeouts.health_timeout * 1000;
  return (await probeQueen(queenUrl, { timeoutMs })).state !== "queen";
}

function saysTokens(cause: RbeeError | RemoteError): boolean {
  return RbeeError.is(cause) && "tokens_generated" in cause.details;
}

function ofTotal(maxTokens: number | undefined): string {
  return maxTokens === undefined ? "" : ` / ${maxTokens}`;
}
