import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { RbeeError } from "@rbee/contract";
import { createHiveClient } from "@rbee/sdk";
import { createBox, eventually, remains } from "@rbee/testkit";
import type { Box } from "@rbee/testkit";
import { openScriptedHive } from "./scripted-hive-fixture.ts";

function writeHiveKey(box: Box, key: string): void {
  mkdirSync(join(box.rbeeHome, "keys"), { recursive: true, mode: 0o700 });
  writeFileSync(join(box.rbeeHome, "keys/hive.key"), `${key}\n`, { mode: 0o600 });
}

describe("the lease of a hive that a queen started", () => {
  it("is kept by her stream and ends the hive when she stays away", async () => {
    await using box = await createBox({ settings: { timeouts: { queen_lease: 1 } } });
    const run = await box.startHiveAsOperator(["--started-by", "queen-of-this-test"]);
    assert.equal((await box.hive().call("health")).started_by, "queen-of-this-test");
    const gone = new AbortController();
    const events = await box
      .hive()
      .stream("events", { query: { queen: "queen-of-this-test" }, signal: gone.signal });
    assert.equal((await events.next()).value?.type, "snapshot");
    await remains(() => run.end() === undefined, { forMs: 1500, what: "the hive with a queen" });
    gone.abort();
    const end = await run.ended;
    assert.equal(end.code, 0);
  });

  it("does not concern the hive of an operator", async () => {
    await using box = await createBox({ settings: { timeouts: { queen_lease: 0.2 } } });
    const run = await box.startHiveAsOperator();
    await remains(() => run.end() === undefined, { forMs: 800, what: "the operator's hive" });
  });
});

describe("a hive with a key", () => {
  const oldKey = "a-key-of-this-test-0001";
  const newKey = "a-key-of-this-test-0002";

  it("wants it everywhere but for health, takes a worker's own for its callback, and a new one after SIGHUP", async () => {
    await using scripted = await openScriptedHive([]);
    const { box } = scripted;
    const baseUrl = `http://127.0.0.1:${box.hivePort}`;
    writeHiveKey(box, oldKey);
    box.signal(Number(box.hivePid()), "SIGHUP");
    const stranger = createHiveClient({ baseUrl });
    await eventually(() =>
      stranger.call("listWorkers").then(
        () => false,
        (error: unknown) => RbeeError.is(error, "MISSING_API_KEY"),
      ),
    );
    assert.equal((await stranger.call("health")).status, "alive");
    const worker = await scripted.bringUp();
    const { api_key: workerKey } = await scripted.hive.call("workerAccess", {
      params: { id: worker.id },
    });
    const asWorker = createHiveClient({ baseUrl, key: () => workerKey });
    await assert.rejects(asWorker.call("listWorkers"), (error) =>
      RbeeError.is(error, "INVALID_API_KEY"),
    );
    writeHiveKey(box, newKey);
    box.signal(Number(box.hivePid()), "SIGHUP");
    await eventually(() =>
      createHiveClient({ baseUrl, key: () => oldKey })
        .call("listWorkers")
        .then(
          () => false,
          (error: unknown) => RbeeError.is(error, "INVALID_API_KEY"),
        ),
    );
    assert.equal((await scripted.workers()).length, 1);
  });
});

describe("the logs of a hive", () => {
  it("are the last lines of all its logs, or of one worker, in the order they were written", async () => {
    await using scripted = await openScriptedHive([]);
    const worker = await scripted.bringUp();
    const read = async (query: Record<string, unknown>) => {
      const lines: { source: string; line: string }[] = [];
      for await (const event of await scripted.hive.stream("logs", { query })) {
        if (event.type === "log") lines.push(event);
      }
      return lines;
    };
    const all = await read({ lines: 500 });
    const sources = new Set(all.map(({ source }) => source));
    assert.deepEqual([...sources].toSorted(), ["hive.log", `worker-${worker.id}.log`]);
    assert.match(all[0]?.line ?? "", /rbee-hive listens/);
    const two = await read({ worker: worker.id, lines: 2 });
    assert.equal(two.length, 2);
    assert.ok(two.every(({ source }) => source === `worker-${worker.id}.log`));
    await assert.rejects(read({ worker: "worker-000000" }), (error) =>
      RbeeError.is(error, "WORKER_NOT_FOUND"),
    );
  });

  it("are followed over a rotation without losing or repeating a line", async () => {
    await using scripted = await openScriptedHive([]);
    const worker = await scripted.bringUp();
    const path = join(scripted.box.rbeeHome, `logs/worker-${worker.id}.log`);
    // What the worker says on its way up is in the file before the test writes into it.
    await eventually(() => readFileSync(path, "utf8").includes('"state":"idle"'));
    const gone = new AbortController();
    const query = { worker: worker.id, lines: 0, follow: "true" } as const;
    const events = await scripted.hive.stream("logs", { query, signal: gone.signal });
    const heard: string[] = [];
    const reading = (async () => {
      for await (const event of events) {
        if (event.type === "log") heard.push(event.line);
      }
    })().catch(() => {});
    appendFileSync(path, "before\nhalf a ");
    await eventually(() => heard.includes("before"));
    appendFileSync(path, "line\nlast of the old file\n");
    renameSync(path, `${path}.1`);
    writeFileSync(path, "first of the new file\n");
    await eventually(() => heard.length >= 4);
    gone.abort();
    await reading;
    const wanted = ["before", "half a line", "last of the old file", "first of the new file"];
    assert.deepEqual(heard, wanted);
  });
});

describe("a hive that is killed", () => {
  it("takes its workers with it, ready or still loading", async () => {
    await using scripted = await openScriptedHive([]);
    await scripted.bringUp();
    scripted.script(["--stick-at", "3/32", "--ignore-stop"]);
    await scripted.spawn({ slots: 2 });
    assert.equal(scripted.box.processes().length, 3);
    scripted.box.signal(Number(scripted.box.hivePid()), "SIGKILL");
    await eventually(() => scripted.box.processes().length === 0);
  });
});

describe("the command line of the hive", () => {
  it("exits with 2 and the usage for wrong words, and with 1 when no hive answers", async () => {
    await using box = await createBox();
    const wrong = [["--frob"], ["models", "show"], ["daemon", "--port", "80"], ["worker", "dance"]];
    for (const words of wrong) {
      const run = await box.start("rbee-hive", words);
      assert.equal((await run.ended).code, 2, words.join(" "));
      assert.match(run.stderr(), /rbee-hive worker spawn/);
    }
    const alone = await box.start("rbee-hive", ["status"]);
    assert.equal((await alone.ended).code, 1);
    assert.match(alone.stderr(), /no hive answers at/);
  });

  it("spawns, lists and stops workers for a person on the node", async () => {
    await using scripted = await openScriptedHive([]);
    const run = async (...words: string[]) => {
      const started = await scripted.box.start("rbee-hive", words);
      assert.equal((await started.ended).code, 0, started.stderr());
      return started;
    };
    const spawned = await run("worker", "spawn", "hello-bee", "--slots", "2", "--json");
    const { id } = JSON.parse(spawned.stdout()) as { id: string };
    assert.match(spawned.stderr(), /loading 32\/32 layers/);
    assert.match((await run("status")).stdout(), new RegExp(`${id} +idle +hello-bee +cpu:0 +2/2`));
    await run("worker", "stop", id);
    assert.match((await run("worker")).stdout(), /No workers/);
  });
});
