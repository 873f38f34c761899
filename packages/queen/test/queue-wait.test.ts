import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import type { TaskEvent } from "@rbee/contract";
import { eventually } from "@rbee/testkit";
import { actionsOf, openQueen } from "./scripted-queen-fixture.ts";
import type { Asked } from "./scripted-queen-fixture.ts";

const slow = ["--token-ms", "50"];
const hasStarted = ({ events }: Asked) =>
  eventually(() => events.some((event) => event.type === "token"));
const isQueued = ({ events }: Asked) => eventually(() => actionsOf(events).includes("queue"));

function queueLines(events: readonly TaskEvent[]) {
  return events.filter((event) => event.type === "narration" && event.action === "queue");
}

describe("a task that waits", () => {
  it("hears how long, once something was measured, and goes before others when it is urgent", async () => {
    await using box = await openQueen({
      script: slow,
      settings: { worker: { slots: 1 }, queen: { queue_limit: 2 } },
    });
    // Some 20 tokens of 50 ms each: what the next estimates rest on.
    await box.ask().ended;
    const running = box.ask({ max_tokens: 60 });
    await hasStarted(running);
    const normal = box.ask({ max_tokens: 10, job_id: "normal" });
    await isQueued(normal);
    const urgent = box.ask({ max_tokens: 10, job_id: "urgent", priority: "high" });
    await isQueued(urgent);
    const { tasks } = await box.queen.call("listTasks");
    const waits = new Map(tasks.map((task) => [task.task_id, task.estimated_wait_s ?? 0]));
    assert.ok(Number(waits.get("urgent")) >= 1, JSON.stringify(tasks));
    const [line] = queueLines(urgent.events);
    assert.match(line?.type === "narration" ? line.human : "", /^Position 1 .*, about \d+ s$/);
    await assert.rejects(box.ask().ended, (error) => {
      assert.ok(RbeeError.is(error, "QUEUE_FULL"));
      const { estimated_wait_seconds: seconds = 0, retry_after_seconds: later } = error.details;
      // Two wait, so a third comes back after both.
      assert.ok(seconds >= 2 * Number(waits.get("urgent")) - 0.1, JSON.stringify(error.details));
      assert.equal(later, Math.ceil(seconds));
      return true;
    });
    await Promise.all([running.ended, urgent.ended]);
    assert.ok(!normal.events.some((event) => event.type === "token"), "the urgent one was first");
    assert.equal((await normal.ended).at(-1)?.type, "done");
  });
});
