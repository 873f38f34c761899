import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import { createRequestLimits } from "./create-request-limits.ts";

const farAway = new Date(Date.now() + 3_600_000);

function createTicket() {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    abort: (reason: RbeeError) => controller.abort(reason),
    ended: new Promise<unknown>((resolve) => {
      controller.signal.addEventListener("abort", () => resolve(controller.signal.reason));
    }),
  };
}

// The deadline of another request is the clock.
async function passTime(milliseconds: number): Promise<void> {
  const ticket = createTicket();
  const deadline = new Date(Date.now() + milliseconds);
  const limits = createRequestLimits({ ticket, deadline, stallMs: undefined, graceMs: 1 });
  await ticket.ended;
  limits.stop();
}

describe("the limits of a request", () => {
  it("end it at its deadline, also at one that has passed", async () => {
    for (const deadline of [new Date(Date.now() + 20), new Date(0)]) {
      const ticket = createTicket();
      const limits = createRequestLimits({ ticket, deadline, stallMs: undefined, graceMs: 1 });
      assert.ok(RbeeError.is(await ticket.ended, "REQUEST_TIMEOUT"));
      limits.stop();
    }
  });

  it("end it when no token comes, with the number of those that came", async () => {
    const ticket = createTicket();
    const limits = createRequestLimits({ ticket, deadline: farAway, stallMs: 20, graceMs: 1 });
    limits.noteTokens(3);
    const reason = await ticket.ended;
    assert.ok(RbeeError.is(reason, "GENERATION_TIMEOUT"));
    assert.deepEqual(reason.details, { seconds: 0.02, tokens_generated: 3 });
    limits.stop();
  });

  it("do not blame the engine while the reader is slow", async () => {
    const ticket = createTicket();
    const limits = createRequestLimits({ ticket, deadline: farAway, stallMs: 20, graceMs: 1 });
    await limits.waitUnlessAborted(passTime(80));
    assert.ok(!ticket.signal.aborted);
    assert.ok(RbeeError.is(await ticket.ended, "GENERATION_TIMEOUT"));
    limits.stop();
  });

  it("wait for no reader once the request is over", async () => {
    const ticket = createTicket();
    const deadline = new Date(Date.now() + 20);
    const limits = createRequestLimits({ ticket, deadline, stallMs: undefined, graceMs: 1 });
    await limits.waitUnlessAborted(new Promise(() => {}));
    assert.ok(ticket.signal.aborted);
    limits.stop();
  });

  it("wait for no engine that does not let go of an ended request", async () => {
    const ticket = createTicket();
    const limits = createRequestLimits({ ticket, deadline: farAway, stallMs: 5, graceMs: 20 });
    await assert.rejects(limits.overdue, (error) => RbeeError.is(error, "GENERATION_TIMEOUT"));
    limits.stop();
  });

  it("leave no clock running once they are stopped", async () => {
    const ticket = createTicket();
    const deadline = new Date(Date.now() + 20);
    createRequestLimits({ ticket, deadline, stallMs: 20, graceMs: 1 }).stop();
    await passTime(60);
    assert.ok(!ticket.signal.aborted);
  });
});
