import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PullEvent } from "@rbee/contract";
import { eventually } from "@rbee/testkit";
import { createPullRoom } from "./create-pull-room.ts";
import type { BegunPull, PullMemory } from "./pull-memory.ts";

const bee: BegunPull = { model: "hf:acme/bee", node: "local" };
const wasp: BegunPull = { model: "hf:acme/wasp", node: "mac" };
const progress = { type: "progress", stage: "downloading" } as PullEvent;
const done = { type: "done" } as PullEvent;

function openMemory(...before: readonly BegunPull[]): PullMemory {
  let kept = [...before];
  const others = ({ model }: BegunPull) => kept.filter((other) => other.model !== model);
  return {
    list: () => kept,
    remember: (pull) => (kept = [pull, ...others(pull)]),
    forget: (pull) => (kept = others(pull)),
  };
}

/** Downloads that the test moves on. */
function openRoom(memory = openMemory()) {
  const opened: { pull: BegunPull; signal: AbortSignal; say: (event: PullEvent) => void }[] = [];
  const room = createPullRoom({
    memory,
    open(pull, signal) {
      const stream = new ReadableStream<PullEvent>({
        start(controller) {
          const say = (event: PullEvent) => {
            controller.enqueue(event);
            if (event.type === "done") controller.close();
          };
          opened.push({ pull, signal, say });
          signal.addEventListener("abort", () => controller.error(signal.reason));
        },
      });
      return Promise.resolve(stream as unknown as AsyncIterable<PullEvent>);
    },
  });
  const statuses = () => room.current().map(({ model, status }) => `${model} ${status}`);
  return { room, memory, opened, statuses };
}

describe("the downloads of a browser", () => {
  it("go side by side, the newest first, each once", async () => {
    const { room, memory, opened, statuses } = openRoom();
    let told = 0;
    room.subscribe(() => (told += 1));
    room.start(bee);
    room.start(wasp);
    room.start(bee);
    assert.deepEqual(
      opened.map(({ pull }) => pull),
      [bee, wasp],
    );
    opened[0]?.say({ type: "narration", actor: "queen-rbee", human: "asking" } as PullEvent);
    await eventually(() => room.current()[1]?.lines.length === 1);
    assert.deepEqual(memory.list(), [], "nothing has come of them");
    opened[0]?.say(progress);
    await eventually(() => room.current()[1]?.progress !== undefined);
    assert.deepEqual(memory.list(), [bee]);
    opened[0]?.say(done);
    await eventually(() => statuses()[1] === "hf:acme/bee done");
    assert.deepEqual(statuses(), ["hf:acme/wasp running", "hf:acme/bee done"]);
    assert.deepEqual(memory.list(), []);
    assert.ok(told >= 4);
  });

  it("are paused, and go on", async () => {
    const { room, memory, opened, statuses } = openRoom();
    room.start(bee);
    opened[0]?.say(progress);
    await eventually(() => memory.list().length === 1);
    room.pause(bee);
    await eventually(() => statuses()[0] === "hf:acme/bee cancelled");
    assert.equal(opened[0]?.signal.aborted, true);
    assert.deepEqual(memory.list(), [bee], "it is found again in another tab");
    room.start(bee);
    assert.deepEqual(statuses(), ["hf:acme/bee running"]);
    assert.equal(opened.length, 2);
  });

  it("are found again when the page is opened anew, until they are forgotten", async () => {
    const { room, memory, opened, statuses } = openRoom(openMemory(wasp, bee));
    assert.deepEqual(statuses(), ["hf:acme/wasp idle", "hf:acme/bee idle"]);
    room.start(bee);
    assert.deepEqual(statuses(), ["hf:acme/bee running", "hf:acme/wasp idle"]);
    room.forget(wasp);
    room.forget(bee);
    assert.deepEqual(statuses(), []);
    assert.deepEqual(memory.list(), []);
    await eventually(() => opened[0]?.signal.aborted === true);
  });
});
