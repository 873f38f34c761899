import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import { createRequestDesk } from "./create-request-desk.ts";
import { createStatusBoard } from "./create-status-board.ts";
import type { LoadedModel, WorkerStatus } from "./ports.ts";

// The desk hands the model on and never looks into it.
const model = {} as LoadedModel;

function createDesk(slotsTotal: number) {
  const told: WorkerStatus[] = [];
  let hours = 0;
  const board = createStatusBoard({
    slotsTotal,
    contextSize: 8192,
    readMemoryBytes: () => 1,
    publish: (status) => told.push(status),
    now: () => new Date(Date.UTC(2026, 0, 1, hours++)),
  });
  board.apply("listening");
  board.noteLoaded({ slotsTotal, contextSize: 1024, capabilities: undefined });
  return { board, told, desk: createRequestDesk({ board, model: () => model }) };
}

describe("the desk", () => {
  it("tells each change of slots once, with the time of the activity", () => {
    const { desk, told } = createDesk(2);
    told.length = 0;
    const first = desk.open("one");
    desk.open("two");
    first.release();
    first.release();
    assert.deepEqual(
      told.map(({ state, slotsAvailable, lastActivity }) => [
        state,
        slotsAvailable,
        lastActivity?.getUTCHours(),
      ]),
      [
        ["idle", 1, 0],
        ["busy", 0, 1],
        ["idle", 1, 2],
      ],
    );
  });

  it("does not count a look at the status as activity", () => {
    const { board } = createDesk(1);
    board.current();
    assert.equal(board.current().lastActivity, undefined);
  });

  it("knows a request until it is answered, and its slot until the engine lets go", () => {
    const { desk, board } = createDesk(2);
    const ticket = desk.open("one");
    ticket.release();
    assert.equal(board.current().slotsBusy, 0);
    assert.throws(
      () => desk.open("one"),
      (error) => RbeeError.is(error, "INVALID_REQUEST"),
    );
    ticket.close();
    const hanging = desk.open("one");
    hanging.close();
    assert.equal(board.current().slotsBusy, 1);
  });

  it("is empty when every request is answered", async () => {
    const { desk } = createDesk(2);
    const tickets = [desk.open("one"), desk.open("two")];
    const never = new AbortController();
    let isEmpty = false;
    const waiting = desk.waitUntilEmpty(never.signal).then(() => (isEmpty = true));
    tickets[0]?.close();
    await Promise.resolve();
    assert.ok(!isEmpty);
    tickets[1]?.close();
    await waiting;
    await desk.waitUntilEmpty(never.signal);
  });

  it("ends all requests with the reason it is given, and waits no longer than it may", async () => {
    const { desk } = createDesk(1);
    const ticket = desk.open("one");
    const impatience = new AbortController();
    const waiting = desk.waitUntilEmpty(impatience.signal);
    impatience.abort();
    await waiting;
    desk.abortAll(new RbeeError("SHUTTING_DOWN", { program: "llm-worker-rbee" }));
    assert.ok(RbeeError.is(ticket.signal.reason, "SHUTTING_DOWN"));
  });
});
