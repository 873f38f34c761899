import assert from "node:assert/strict";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { sizes } from "@rbee/contract";
import { pruneWorkerLogs } from "./prune-worker-logs.ts";

const folder = mkdtempSync(join(tmpdir(), "rbee-log-test-"));
after(() => rmSync(folder, { recursive: true }));

describe("logs of workers that are gone", () => {
  it("are kept up to a number; the oldest go, whole, and those of living workers stay", async () => {
    const own = mkdtempSync(join(folder, "pruned-"));
    for (let index = 0; index < sizes.workerLogsKept + 2; index += 1) {
      const path = join(own, `worker-worker-${index}.log`);
      writeFileSync(path, "");
      utimesSync(path, 1000 + index, 1000 + index);
    }
    writeFileSync(join(own, "worker-worker-1.log.1"), "");
    utimesSync(join(own, "worker-worker-1.log.1"), 900, 900);
    writeFileSync(join(own, "hive.log"), "");
    await pruneWorkerLogs(own, ["worker-0"]);
    const left = await readdir(own);
    assert.ok(left.includes("hive.log"));
    assert.ok(left.includes("worker-worker-0.log"));
    assert.ok(!left.some((name) => name.startsWith("worker-worker-1.log")));
    assert.equal(left.length, 1 + 1 + sizes.workerLogsKept);
  });
});
