import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createHiveClient } from "@rbee/sdk";
import { RbeeError, sizes } from "@rbee/contract";
import { eventually } from "@rbee/testkit";
import { openScriptedHive } from "./scripted-hive-fixture.ts";
import type { ScriptedHive } from "./scripted-hive-fixture.ts";

function logOf({ box }: ScriptedHive): string {
  return readFileSync(join(box.rbeeHome, "logs/hive.log"), "utf8");
}

function reload({ box }: ScriptedHive): void {
  box.signal(Number(box.hivePid()), "SIGHUP");
}

async function memoryLimit({ hive }: ScriptedHive): Promise<number | undefined> {
  return (await hive.call("devices")).ram.limit_bytes;
}

describe("a hive that is told to reload", () => {
  it("follows what can change, and tells what waits for a restart", async () => {
    await using scripted = await openScriptedHive([]);
    const { box } = scripted;
    assert.equal(await memoryLimit(scripted), undefined);
    box.configure({ hive: { memory_limit_mb: 4000, models_dir: "/elsewhere" } });
    reload(scripted);
    await eventually(async () => (await memoryLimit(scripted)) === 4000 * sizes.bytesPerMb);
    assert.match(logOf(scripted), /hive\.memory_limit_mb is 4000 now, not unset/);
    assert.match(logOf(scripted), /hive\.models_dir stays unset; .*elsewhere.* needs a restart/);
    box.configure({ hive: { memory_limit_mb: undefined } });
    reload(scripted);
    await eventually(async () => (await memoryLimit(scripted)) === undefined);
  });

  it("keeps what it has when a key or the worker's manifest is wrong", async () => {
    await using scripted = await openScriptedHive([]);
    const { box } = scripted;
    box.configure({ hive: { memory_limit_mb: 4000, worker_port_base: 80 } });
    reload(scripted);
    await eventually(() => /worker_port_base.*1024/.test(logOf(scripted)));
    box.configure({ hive: { worker_port_base: box.workerPortBase } });
    box.configure({ worker: { manifest: join(box.root, "none.json") } });
    reload(scripted);
    await eventually(() => logOf(scripted).includes("none.json"));
    assert.equal(await memoryLimit(scripted), undefined);
    assert.equal((await scripted.bringUp()).model_ref, "hello-bee");
  });

  it("keeps its key when the file is gone, and when it is open to others", async () => {
    await using scripted = await openScriptedHive([]);
    const { box } = scripted;
    const file = join(box.root, "of-my-own.key");
    writeFileSync(file, "a-key-of-this-test-0001\n", { mode: 0o600 });
    box.configure({ hive: { api_key_file: file } });
    reload(scripted);
    const baseUrl = `http://127.0.0.1:${box.hivePort}`;
    const asOwner = createHiveClient({ baseUrl, key: () => "a-key-of-this-test-0001" });
    const stranger = createHiveClient({ baseUrl });
    const isLocked = () =>
      stranger.call("listWorkers").then(
        () => false,
        (error: unknown) => RbeeError.is(error, "MISSING_API_KEY"),
      );
    await eventually(isLocked);
    rmSync(file);
    reload(scripted);
    await eventually(() => logOf(scripted).includes("does not exist"));
    assert.equal(await isLocked(), true);
    writeFileSync(file, "a-key-of-this-test-0002\n", { mode: 0o644 });
    reload(scripted);
    await eventually(() => logOf(scripted).includes("mode 644"));
    assert.deepEqual((await asOwner.call("listWorkers")).workers, []);
  });
});
