import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLiveFeed } from "./create-live-feed.ts";
import { createStory } from "./create-story.ts";
import { createTurns } from "./create-turns.ts";

async function collect<Event>(events: AsyncIterable<Event>): Promise<Event[]> {
  const all: Event[] = [];
  for await (const event of events) all.push(event);
  return all;
}

const never = new AbortController().signal;

describe("a story", () => {
  it("is the same for who reads along, who comes in the middle and who comes after the end", async () => {
    const story = createStory<number>();
    const early = collect(story.read(never));
    story.append(1);
    const middle = collect(story.read(never));
    story.append(2);
    story.append(3);
    story.end();
    story.append(4);
    for (const reader of [early, middle, collect(story.read(never))]) {
      assert.deepEqual(await reader, [1, 2, 3]);
    }
  });

  it("lets a reader go who wants no more", async () => {
    const story = createStory<number>();
    const gone = new AbortController();
    const reading = collect(story.read(gone.signal));
    story.append(1);
    gone.abort();
    assert.ok((await reading).length <= 1);
  });
});

describe("a live feed", () => {
  it("gives each listener every event from its subscription on, in order", async () => {
    const feed = createLiveFeed<number>();
    feed.publish(0);
    const gone = new AbortController();
    const subscription = feed.subscribe();
    feed.publish(1);
    feed.publish(2);
    const heard: number[] = [];
    for await (const event of subscription.read(gone.signal)) {
      heard.push(event);
      if (event === 2) feed.publish(3);
      if (event === 3) gone.abort();
    }
    assert.deepEqual(heard, [1, 2, 3]);
  });

  it("ends while it waits when its reader goes", async () => {
    const gone = new AbortController();
    const reading = collect(createLiveFeed<number>().subscribe().read(gone.signal));
    gone.abort();
    assert.deepEqual(await reading, []);
  });
});

describe("turns", () => {
  it("are taken one after the other, also after one that fails", async () => {
    const takeTurn = createTurns();
    const order: string[] = [];
    const step = (name: string) => async () => {
      order.push(`${name} begins`);
      await Promise.resolve();
      order.push(`${name} ends`);
      if (name === "first") throw new Error(name);
    };
    const results = await Promise.allSettled([takeTurn(step("first")), takeTurn(step("second"))]);
    assert.deepEqual(order, ["first begins", "first ends", "second begins", "second ends"]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ["rejected", "fulfilled"],
    );
  });
});
