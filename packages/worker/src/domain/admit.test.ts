import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { workerStates } from "@rbee/contract";
import fc from "fast-check";
import { admit } from "./admit.ts";

const occupancy = fc.record({
  state: fc.constantFrom(...workerStates),
  slotsTotal: fc.integer({ min: 1, max: 64 }),
  slotsBusy: fc.integer({ min: 0, max: 64 }),
});

describe("admission", () => {
  it("gives a free slot to a request", () => {
    assert.deepEqual(admit({ state: "idle", slotsTotal: 2, slotsBusy: 1 }), { isAdmitted: true });
  });

  it("says that all slots are busy", () => {
    const admission = admit({ state: "busy", slotsTotal: 2, slotsBusy: 2 });
    assert.deepEqual(admission, { isAdmitted: false, refusal: "ALL_SLOTS_BUSY" });
  });

  it("says that it is not ready, even when no slot is free", () => {
    for (const state of ["starting", "loading", "draining", "stopped", "error"] as const) {
      const admission = admit({ state, slotsTotal: 1, slotsBusy: 1 });
      assert.deepEqual(admission, { isAdmitted: false, refusal: "WORKER_NOT_READY" });
    }
  });

  it("never gives more slots than there are", () => {
    fc.assert(
      fc.property(occupancy, (now) => {
        if (admit(now).isAdmitted) assert.ok(now.slotsBusy < now.slotsTotal);
      }),
    );
  });
});
