import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createChangeSignal, watchChanges } from "./change-signal.ts";

function watch(heartbeatMs: number, isLive = () => false) {
  const changes = createChangeSignal();
  const control = new AbortController();
  const events = watchChanges({ changes, signal: control.signal, heartbeatMs, isLive });
  const next = async () => (await events.next()).value;
  return { changes, next, stop: () => control.abort(), events };
}

describe("watching for changes", () => {
  it("tells many changes at once, and none that came in between is lost", async () => {
    const { changes, next, stop } = watch(60_000);
    assert.equal(await next(), "state");
    for (let count = 0; count < 50; count += 1) changes.notify();
    assert.equal(await next(), "state");
    const pending = next();
    changes.notify();
    assert.equal(await pending, "state");
    stop();
  });

  it("sends a heartbeat when nothing happens, and the state while something runs", async () => {
    const quiet = watch(10);
    await quiet.next();
    assert.equal(await quiet.next(), "heartbeat");
    quiet.stop();
    const live = watch(10, () => true);
    await live.next();
    assert.equal(await live.next(), "state");
    live.stop();
  });

  it("ends when its reader is gone", async () => {
    const { events, next, stop } = watch(60_000);
    await next();
    const pending = events.next();
    stop();
    assert.equal((await pending).done, true);
  });
});
