import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { errorToWire, RbeeError } from "@rbee/contract";
import { eventually } from "@rbee/testkit";
import { createOperation } from "./create-operation.ts";
import type { StoryEvent } from "./create-operation.ts";

const line = (human: string): StoryEvent => ({ type: "narration", actor: "bee", human }) as never;
const done = { type: "done", message: "It is there." } as const;

/** A story that the test tells, word by word. */
function openStory({ endsWhenLeft = false } = {}) {
  const events: StoryEvent[] = [];
  let wake = () => {};
  let isOver = false;
  let signal: AbortSignal | undefined;
  async function* tell(): AsyncGenerator<StoryEvent, void, void> {
    for (let at = 0; ; at += 1) {
      while (at >= events.length) {
        if (isOver) return;
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
        if (signal?.aborted === true && endsWhenLeft) return;
        signal?.throwIfAborted();
      }
      yield events[at] as StoryEvent;
    }
  }
  return {
    open: (given: AbortSignal) => {
      signal = given;
      given.addEventListener("abort", () => wake());
      return Promise.resolve(tell());
    },
    say(event: StoryEvent) {
      events.push(event);
      wake();
    },
    end() {
      isOver = true;
      wake();
    },
    isAborted: () => signal?.aborted,
  };
}

describe("an operation", () => {
  it("keeps its story from the first line to what is true at its end", async () => {
    const operation = createOperation();
    let told = 0;
    operation.subscribe(() => (told += 1));
    const story = openStory();
    const seen: string[] = [];
    operation.start(story.open, ({ type }) => seen.push(type));
    assert.equal(operation.current().status, "running");
    story.say(line("one"));
    story.say({ type: "progress", stage: "verifying" } as never);
    await eventually(() => operation.current().progress !== undefined);
    story.say(line("two"));
    story.say(done);
    story.end();
    await eventually(() => operation.current().status === "done");
    const { lines, progress, message } = operation.current();
    assert.deepEqual(
      lines.map(({ human }) => human),
      ["one", "two"],
    );
    assert.equal(progress, undefined);
    assert.equal(message, "It is there.");
    assert.deepEqual(seen, ["narration", "progress", "narration", "done"]);
    assert.equal(told, 5, "whoever listens is told of each change");
    operation.putAway();
    assert.equal(operation.current().status, "idle");
    assert.deepEqual(operation.current().lines, []);
  });

  it("fails with the error of its story, and with what was thrown", async () => {
    const operation = createOperation();
    const story = openStory();
    operation.start(story.open);
    const error = new RbeeError("NODE_NOT_FOUND", { node: "mac" });
    story.say({ type: "error", error: errorToWire(error, "c1") });
    story.end();
    await eventually(() => operation.current().status === "failed");
    assert.equal(operation.current().failure?.code, "NODE_NOT_FOUND");
    operation.start(() => Promise.reject(new RbeeError("NODE_NOT_FOUND", { node: "blep" })));
    assert.equal(operation.current().failure, undefined, "a new story begins without the old end");
    await eventually(() => operation.current().status === "failed");
    assert.match(operation.current().failure?.title ?? "", /blep/);
  });

  it("is cancelled by a person, whether its stream throws or just ends", async () => {
    for (const endsWhenLeft of [true, false]) {
      const operation = createOperation();
      const story = openStory({ endsWhenLeft });
      operation.start(story.open);
      story.say(line("one"));
      await eventually(() => operation.current().lines.length === 1);
      operation.cancel();
      await eventually(() => operation.current().status === "cancelled");
      assert.equal(story.isAborted(), true);
      assert.equal(operation.current().lines.length, 1, "what was told stays");
    }
  });

  it("hears nothing more of a story after the next one began", async () => {
    const operation = createOperation();
    const first = openStory();
    operation.start(first.open);
    const second = openStory();
    operation.start(second.open);
    await eventually(() => first.isAborted());
    first.say(line("of yesterday"));
    second.say(line("of today"));
    await eventually(() => operation.current().lines.length > 0);
    assert.deepEqual(
      operation.current().lines.map(({ human }) => human),
      ["of today"],
    );
    assert.equal(operation.current().status, "running");
    operation.cancel();
  });
});
