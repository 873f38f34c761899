import assert from "node:assert/strict";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { findFreePort } from "./find-free-port.ts";
import { parseWorkerLine } from "./parse-worker-line.ts";

describe("a line of a worker's stdout", () => {
  it("is a status, a narration, or something for the log", () => {
    const status =
      '{"status":{"state":"idle","slots_total":4,"slots_available":3,"memory_bytes":9,' +
      '"last_activity":"2026-11-23T12:00:00.000Z","context":512}}';
    assert.deepEqual(parseWorkerLine(status), {
      type: "status",
      status: {
        state: "idle",
        slotsTotal: 4,
        slotsAvailable: 3,
        memoryBytes: 9,
        context: 512,
        lastActivityUnixMs: Date.UTC(2026, 10, 23, 12),
      },
    });
    const capabilities = {
      generation: true,
      chat: true,
      tools: "hermes",
      embeddings: true,
      rerank: false,
      vision: false,
    };
    const loaded = JSON.parse(status) as { status: object };
    const told = parseWorkerLine(JSON.stringify({ status: { ...loaded.status, capabilities } }));
    assert.deepEqual(told.type === "status" && told.status.capabilities, capabilities);
    const narration = {
      type: "narration",
      actor: "engine",
      action: "a",
      human: "b",
      level: "info",
    };
    const line = JSON.stringify({ narration });
    assert.deepEqual(parseWorkerLine(line), { type: "narration", narration });
  });

  it("never harms the hive, whatever it holds", () => {
    const lines = [
      "",
      "plain text",
      '{"level":"info"}',
      '{"status":{"state":"flying"}}',
      '{"status":',
      '{"narration":{"human":"no actor"}}',
      '{"status":null}',
    ];
    for (const line of lines) assert.deepEqual(parseWorkerLine(line), { type: "other" }, line);
  });
});

describe("the port of a worker", () => {
  it("is the first that can be bound and is promised to nobody", async () => {
    const holder = createServer();
    await new Promise<void>((done) => holder.listen(0, "127.0.0.1", done));
    try {
      const { port } = holder.address() as AddressInfo;
      const search = { host: "127.0.0.1", from: port, taken: new Set([port + 1]) };
      const found = await findFreePort(search);
      assert.ok(found !== undefined && found >= port + 2, String(found));
    } finally {
      holder.close();
    }
  });

  it("is not there when none is left", async () => {
    const taken = new Set([65_535]);
    assert.equal(await findFreePort({ host: "127.0.0.1", from: 65_535, taken }), undefined);
  });
});
