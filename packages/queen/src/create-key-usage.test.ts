import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { sizes } from "@rbee/contract";
import { createLogger } from "@rbee/daemon";
import { createKeyUsage } from "./create-key-usage.ts";
import type { UsageStore } from "./key-ports.ts";
import { createUsageStore } from "./store/create-usage-store.ts";
import { openQueenDatabase } from "./store/open-queen-database.ts";

const folder = mkdtempSync(join(tmpdir(), "rbee-usage-"));
after(() => rmSync(folder, { recursive: true }));

const dayMs = 86_400_000;
const noonMs = Date.parse("2026-12-31T12:00:00Z");
const names: Readonly<Record<string, string>> = { "key-1": "laptop", "key-2": "phone" };

interface Setting {
  readonly store: UsageStore;
  readonly lines?: string[];
}

function openUsage({ store, lines = [] }: Setting) {
  const clock = { nowMs: noonMs };
  const usage = createKeyUsage({
    store,
    nameOf: (id) => names[id],
    logger: createLogger({ program: "test", sinks: [{ write: (line) => lines.push(line) }] }),
    nowMs: () => clock.nowMs,
  });
  return { usage, clock, lines };
}

function openStore(name: string) {
  const { database } = openQueenDatabase(join(folder, name));
  return { store: createUsageStore(database), database };
}

describe("what keys ask for", () => {
  it("is kept by key and day, and goes on after a restart", () => {
    const { store, database } = openStore("kept.db");
    const first = openUsage({ store });
    first.usage.count("key-1", 10, 5);
    first.usage.count("key-1", 1, 1);
    first.clock.nowMs += dayMs;
    first.usage.count("key-1", 100, 50);
    first.usage.count("key-2", 2, 3);
    first.usage.close();
    const { usage } = openUsage({ store });
    assert.deepEqual(usage.totalOf("key-1"), {
      requests: 3,
      promptTokens: 111,
      generatedTokens: 56,
    });
    usage.count("key-1", 0, 1);
    assert.equal(usage.totalOf("key-1").generatedTokens, 57);
    // That second opening is back on the first day.
    assert.deepEqual(
      usage.list(1, undefined).map(({ day, keyName, requests }) => [day, keyName, requests]),
      [
        ["2027-01-01", "laptop", 1],
        ["2027-01-01", "phone", 1],
        ["2026-12-31", "laptop", 3],
      ],
    );
    assert.equal(usage.list(400, "key-2").length, 1);
    usage.close();
    database.close();
  });

  it("of callers without a key, and with this machine's own, is this machine's", () => {
    const { store, database } = openStore("local.db");
    const { usage } = openUsage({ store });
    for (const id of ["local", "127.0.0.1", "key-that-is-gone"]) usage.count(id, 1, 1);
    const [day, ...more] = usage.list(1, undefined);
    assert.deepEqual([day?.keyId, day?.keyName, day?.requests], ["local", "this machine", 3]);
    assert.deepEqual(more, []);
    usage.close();
    database.close();
  });

  it("is forgotten after its days", () => {
    const { store, database } = openStore("forgotten.db");
    const { usage, clock } = openUsage({ store });
    usage.count("key-1", 1, 1);
    clock.nowMs += (sizes.usageDaysKept - 1) * dayMs;
    assert.equal(usage.list(sizes.usageDaysKept, undefined).length, 1);
    clock.nowMs += dayMs;
    usage.count("key-1", 1, 1);
    assert.equal(usage.list(sizes.usageDaysKept, undefined).length, 1);
    assert.equal(store.list("2000-01-01", undefined).length, 1, "the first day is gone");
    usage.close();
    database.close();
  });

  it("waits in memory while the disk is full, with one line in the log", () => {
    const { store, database } = openStore("full.db");
    let isFull = true;
    const add: UsageStore["add"] = (days) => {
      if (isFull) throw new Error("database or disk is full");
      store.add(days);
    };
    const { usage, lines } = openUsage({ store: { ...store, add } });
    usage.count("key-1", 1, 1);
    assert.deepEqual(usage.list(1, undefined), []);
    usage.count("key-1", 1, 1);
    usage.list(1, undefined);
    assert.equal(lines.filter((line) => line.includes("could not be written down")).length, 1);
    isFull = false;
    assert.equal(usage.list(1, undefined)[0]?.requests, 2);
    usage.close();
    database.close();
  });
});
