import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eventually, sshHostObstacle } from "@rbee/testkit";
import { openRemoteRoad } from "./remote-node-fixture.ts";
import { actionsOf, tokensOf } from "./scripted-queen-fixture.ts";

const skip = sshHostObstacle() ?? false;

describe("a task on another machine", { skip }, () => {
  it("starts the hive there over SSH and brings the tokens, everything told in its order", async () => {
    await using road = await openRemoteRoad();
    const { cluster, node } = road;
    const logins = node.host.countLogins();
    const events = await cluster.ask({ node: "mac", model: "hello-bee" }).ended;
    assert.equal(events.at(-1)?.type, "done", JSON.stringify(events.slice(-3)));
    assert.ok(tokensOf(events).length > 0);
    const actions = actionsOf(events);
    const order = ["lookup", "hive-start", "version-check", "spawn", "worker-starting"];
    const places = order.map((action) => actions.indexOf(action));
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
    assert.ok(
      places.every((place) => place >= 0),
      actions.join(" "),
    );
    const [registered] = (await cluster.queen.call("listNodes")).nodes;
    assert.equal(registered?.status, "reachable");
    assert.ok((registered?.last_connected_unix ?? 0) > 0);
    assert.deepEqual(registered?.backends, ["cpu"]);
    const { workers } = await cluster.queen.call("listWorkers", { query: {} });
    assert.equal(new URL(workers[0]?.url ?? "").hostname, node.host.address);
    assert.ok(node.host.countLogins() - logins <= 1);
    await cluster.queen.call("shutdown", { body: undefined });
    await eventually(() => node.programs().length === 0, { timeoutMs: 30_000 });
  });
});
