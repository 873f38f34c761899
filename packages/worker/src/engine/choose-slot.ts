export interface SlotState {
  readonly isBusy: boolean;
  /** Tokens at the start of the prompt that the slot still holds. */
  readonly sharedTokens: number;
  /** Rises with each use; 0 when never used. */
  readonly lastUsed: number;
}

// Fewer shared tokens than this (a BOS, the opening of a chat template) are not worth giving up
// another conversation's context for.
const sharedTokensMin = 16;

/** The free slot with the longest shared prefix; without one, the one unused for longest. */
export function chooseSlot<Slot extends SlotState>(slots: readonly Slot[]): Slot | undefined {
  let chosen: Slot | undefined;
  for (const slot of slots) {
    if (slot.isBusy) continue;
    if (chosen === undefined || isBetter(slot, chosen)) chosen = slot;
  }
  return chosen;
}

function isBetter(slot: SlotState, chosen: SlotState): boolean {
  const gain = countUseful(slot) - countUseful(chosen);
  return gain === 0 ? slot.lastUsed < chosen.lastUsed : gain > 0;
}

function countUseful(slot: SlotState): number {
  return slot.sharedTokens < sharedTokensMin ? 0 : slot.sharedTokens;
}
