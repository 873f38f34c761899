import type { ExitCode } from "./exit-code.ts";
import type { Keeper } from "./keeper.ts";

/** Runs what has no end of its own: Ctrl+C is how it ends, and nothing was cancelled by it. */
export async function untilInterrupted(
  { interrupts }: Keeper,
  run: () => Promise<void>,
): Promise<ExitCode | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    if (interrupts.cause() === "interrupted") return 130;
    throw error;
  }
}
