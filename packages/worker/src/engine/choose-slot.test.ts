import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseSlot, type SlotState } from "./choose-slot.ts";

function describeSlots(
  ...slots: [sharedTokens: number, lastUsed: number, isBusy?: boolean][]
): SlotState[] {
  return slots.map(([sharedTokens, lastUsed, isBusy = false]) => ({
    sharedTokens,
    lastUsed,
    isBusy,
  }));
}

test("the slot with the longest shared prefix is chosen", () => {
  const slots = describeSlots([0, 1], [200, 2], [100, 3]);
  assert.equal(chooseSlot(slots), slots[1]);
});

test("a busy slot is never chosen", () => {
  const slots = describeSlots([500, 1, true], [0, 2]);
  assert.equal(chooseSlot(slots), slots[1]);
  assert.equal(chooseSlot(describeSlots([500, 1, true])), undefined);
});

test("a few shared tokens do not take another conversation's slot", () => {
  const slots = describeSlots([12, 5], [0, 0]);
  assert.equal(chooseSlot(slots), slots[1]);
});

test("without a shared prefix the slot unused for longest is chosen", () => {
  const slots = describeSlots([0, 3], [0, 1], [0, 2]);
  assert.equal(chooseSlot(slots), slots[1]);
});
