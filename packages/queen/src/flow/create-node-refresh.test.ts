import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { timings } from "@rbee/contract";
import type { DevicesOnWire } from "@rbee/contract";
import { eventually } from "@rbee/testkit";
import type { NodeAccess } from "../ports.ts";
import { createNodeRefresh } from "./create-node-refresh.ts";

type World = Parameters<typeof createNodeRefresh>[0];

const devices = { platform: "linux" } as DevicesOnWire;

/** Nodes whose hives answer as told, and what the view hears of them. */
function createExample(answers: Readonly<Record<string, Promise<DevicesOnWire>>>) {
  const asked: string[] = [];
  const read: string[] = [];
  const nodes = Object.keys(answers).map((name) => ({ name }) as NodeAccess);
  const refresh = createNodeRefresh({
    nodes: { list: () => nodes } as unknown as World["nodes"],
    hives: {
      client: ({ name }: NodeAccess) => ({
        call: async () => {
          asked.push(name);
          return await answers[name];
        },
      }),
    } as unknown as World["hives"],
    view: {
      findNode: (name: string) => ({ status: name === "off" ? "unreachable" : "reachable" }),
      devicesRead: (name: string) => void read.push(name),
    } as unknown as World["view"],
  });
  return { asked, read, refresh };
}

describe("the figures of nodes for a scrape", () => {
  it("are asked of the hives that are heard, once in a while", async () => {
    const answer = Promise.resolve(devices);
    const { asked, read, refresh } = createExample({ mac: answer, off: answer });
    await refresh();
    await refresh();
    assert.deepEqual(asked, ["mac"]);
    assert.deepEqual(read, ["mac"]);
  });

  it("do not hold a scrape up: a slow node has new ones next time", async () => {
    const slow = Promise.withResolvers<DevicesOnWire>();
    const { read, refresh } = createExample({ slow: slow.promise });
    const startedAtMs = performance.now();
    await refresh();
    assert.ok(performance.now() - startedAtMs < timings.metricsWaitMs * 5);
    assert.deepEqual(read, []);
    slow.resolve(devices);
    await eventually(() => read.length === 1);
  });

  it("stay as they were when a hive fails", async () => {
    const { read, refresh } = createExample({ mac: Promise.reject(new Error("reset")) });
    await refresh();
    assert.deepEqual(read, []);
  });
});
