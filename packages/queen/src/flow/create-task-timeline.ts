import type { TaskPhase } from "@rbee/contract";

interface Moment {
  readonly at: Date;
  /** On the clock that only goes forward. */
  readonly atMs: number;
}

// A task that is placed again and again tells its first turns; its end is always told.
const phasesKept = 32;

/** When a task came into which phase, made its first token, and ended. */
export function createTaskTimeline(first: TaskPhase) {
  const startedAt = new Date();
  const phases = [{ phase: first, at: startedAt.toISOString() }];
  let firstToken: Moment | undefined;
  let ended: Moment | undefined;
  return {
    enter(phase: TaskPhase): void {
      if (phases.length >= phasesKept) phases.pop();
      phases.push({ phase, at: new Date().toISOString() });
    },
    end: (): void => void (ended = now()),
    /** True for the first one. */
    noteToken(): boolean {
      if (firstToken !== undefined) return false;
      firstToken = now();
      return true;
    },
    tokensPerSecond(tokens: number): number {
      if (firstToken === undefined) return 0;
      const seconds = ((ended?.atMs ?? performance.now()) - firstToken.atMs) / 1000;
      // The first token began the clock, so it is not one that passed since.
      return seconds > 0 ? Math.round(((tokens - 1) / seconds) * 10) / 10 : 0;
    },
    toWire: () => ({
      started_at: startedAt.toISOString(),
      first_token_at: firstToken?.at.toISOString() ?? null,
      ended_at: ended?.at.toISOString() ?? null,
      phases: [...phases],
    }),
  };
}

function now(): Moment {
  return { at: new Date(), atMs: performance.now() };
}
