import type { Narration } from "@rbee/contract";

export type StopStory = ReturnType<typeof createStopStory>;

/** What the cascade tells, for everybody who watches it. */
export function createStopStory() {
  const listeners = new Set<(event: Narration) => void>();
  const told: Narration[] = [];
  const over = Promise.withResolvers<void>();
  return {
    tell(event: Narration): void {
      told.push(event);
      for (const listener of listeners) listener(event);
    },
    /** From its beginning; settles when the cascade is over. */
    async follow(listener: (event: Narration) => void): Promise<void> {
      for (const event of told) listener(event);
      listeners.add(listener);
      await over.promise;
    },
    end: () => over.resolve(),
  };
}
