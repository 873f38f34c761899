// A hive that is being stopped gets nothing new: neither on another machine nor on this one.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import type { TaskEvent } from "@rbee/contract";
import { eventually, sshHostObstacle } from "@rbee/testkit";
import { openRemoteRoad } from "./remote-node-fixture.ts";
import type { RemoteRoad } from "./remote-node-fixture.ts";
import { errorOf } from "./scripted-queen-fixture.ts";
import type { Asked } from "./scripted-queen-fixture.ts";

const skip = sshHostObstacle() ?? false;
const words = ["--layers", "1", "--token-ms", "20", "--offer-slots", "4"];

let road: RemoteRoad;
before(async () => {
  if (skip !== false) return;
  road = await openRemoteRoad();
  road.cluster.script(words);
  road.node.script(words);
});
after(() => road?.[Symbol.asyncDispose]());

/** The nodes whose workers were chosen. */
function nodesOf(events: readonly TaskEvent[]): unknown[] {
  return events.flatMap((event) =>
    event.type === "narration" && event.action === "choose-worker" ? [event.node] : [],
  );
}

async function hasToken({ events }: Asked): Promise<void> {
  await eventually(() => events.some(({ type }) => type === "token"), { timeoutMs: 30_000 });
}

async function stopHive(node: string): Promise<unknown> {
  const stream = await road.cluster.queen.stream("stopHive", { body: { node } });
  const types: string[] = [];
  for await (const event of stream) types.push(event.type);
  return types.at(-1);
}

async function isDraining(name: string): Promise<boolean> {
  const query = { model: "hello-bee" };
  const { nodes } = await road.cluster.queen.call("explainPlacement", { query });
  return nodes.find(({ node }) => node === name)?.draining === true;
}

describe("a hive that is being stopped", { skip }, () => {
  it("on another machine ends what it runs, while everything new goes elsewhere", async () => {
    const { cluster, node } = road;
    const running = cluster.ask({ node: "mac", max_tokens: 150 });
    await hasToken(running);
    const stopped = stopHive("mac");
    await eventually(() => isDraining("mac"));
    const named = cluster.ask({ node: "mac" }).ended;
    await assert.rejects(named, (error) => {
      assert.ok(RbeeError.is(error, "NODE_UNREACHABLE"), String(error));
      assert.equal(error.details.reason, "its hive is being stopped");
      return true;
    });
    const others = [1, 2, 3].map(() => cluster.ask({ max_tokens: 2 }).ended);
    for (const events of await Promise.all(others)) {
      assert.equal(events.at(-1)?.type, "done", JSON.stringify(events.at(-1)));
      assert.deepEqual(nodesOf(events), ["localhost"]);
    }
    assert.equal((await running.ended).at(-1)?.type, "done", "what ran was not cut short");
    assert.equal(await stopped, "done");
    assert.deepEqual(node.programs(), []);
  });

  it("on this machine is not started again beside itself; the next request has a new one", async () => {
    const { cluster } = road;
    const running = cluster.ask({ max_tokens: 60 });
    await hasToken(running);
    const hives = () => cluster.programs().filter((program) => program === "rbee-hive").length;
    const pid = cluster.box.hivePid();
    const stopped = stopHive("localhost");
    await eventually(() => isDraining("localhost"));
    const codes: string[] = [];
    const served = await eventually(
      async () => {
        const events = await cluster.ask({ max_tokens: 2 }).ended.catch((error: unknown) => {
          if (RbeeError.is(error)) codes.push(error.code);
          else throw error;
        });
        if (events?.at(-1)?.type === "error") codes.push(errorOf(events).code);
        assert.ok(hives() <= 1, "two hives at once");
        return events?.at(-1)?.type === "done" && events;
      },
      { timeoutMs: 30_000 },
    );
    assert.deepEqual(nodesOf(served), ["localhost"]);
    assert.deepEqual([...new Set(codes)], ["NODE_UNREACHABLE"]);
    assert.equal((await running.ended).at(-1)?.type, "done", "what ran was not cut short");
    assert.equal(await stopped, "done");
    assert.notEqual(cluster.box.hivePid(), pid);
  });
});
