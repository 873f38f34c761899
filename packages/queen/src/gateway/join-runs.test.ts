import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Errand, StoryEvent } from "../ports.ts";
import { createJoinedRuns } from "./join-runs.ts";

function errand(signal = new AbortController().signal) {
  const heard: string[] = [];
  const story = (event: StoryEvent) => {
    if (event.type === "tell") heard.push(event.line.human);
  };
  const hop = { correlationId: "c", traceparent: undefined, deadline: undefined, signal };
  const asked: Errand = { hop, story };
  return { asked, heard };
}

const line = (human: string): StoryEvent => ({ type: "tell", line: { action: "a", human } });

describe("a run that requests share", () => {
  it("happens once for equal requests, and each hears it and gets its result", async () => {
    const runs = createJoinedRuns<number>();
    const gate = Promise.withResolvers<void>();
    let count = 0;
    const start = async (story: (event: StoryEvent) => void) => {
      count += 1;
      story(line("one"));
      await gate.promise;
      story(line("two"));
      return 7;
    };
    const first = errand();
    const one = runs.join("key", first.asked, start);
    await Promise.resolve();
    const late = errand();
    const two = runs.join("key", late.asked, start);
    gate.resolve();
    assert.deepEqual(await Promise.all([one, two]), [7, 7]);
    assert.equal(count, 1);
    assert.deepEqual(first.heard, ["one", "two"]);
    assert.deepEqual(late.heard, ["one", "two"], "the last line before is told to who comes late");
    await runs.join("key", first.asked, start);
    assert.equal(count, 2, "what is over begins anew");
  });

  it("goes on for the others when one leaves", async () => {
    const runs = createJoinedRuns<string>();
    const gate = Promise.withResolvers<string>();
    const client = new AbortController();
    const leaving = runs.join("key", errand(client.signal).asked, () => gate.promise);
    const staying = runs.join("key", errand().asked, () => gate.promise);
    client.abort(new Error("gone"));
    await assert.rejects(leaving, /gone/);
    gate.resolve("done");
    assert.equal(await staying, "done");
  });

  it("hears when the last one has left, and not before", async () => {
    const runs = createJoinedRuns<void>();
    const clients = [new AbortController(), new AbortController()];
    let deserted: AbortSignal | undefined;
    const joined = clients.map(({ signal }) =>
      runs.join("key", errand(signal).asked, async (_story, signal) => {
        deserted = signal;
        await new Promise(() => {});
      }),
    );
    await Promise.resolve();
    for (const [index, client] of clients.entries()) {
      assert.equal(deserted?.aborted, false);
      client.abort(new Error("gone"));
      await assert.rejects(joined[index] ?? Promise.resolve(), /gone/);
    }
    assert.equal(deserted?.aborted, true);
  });

  it("fails for all, and for nobody else", async () => {
    const runs = createJoinedRuns<string>();
    const fail = () => Promise.reject(new Error("no"));
    const both = [errand(), errand()].map(({ asked }) => runs.join("key", asked, fail));
    for (const one of both) await assert.rejects(one, /no/);
    assert.equal(await runs.join("key", errand().asked, async () => "yes"), "yes");
  });
});
