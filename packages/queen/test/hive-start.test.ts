import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { findInstallation } from "@rbee/settings";
import { copyInstallation, createBox, eventually } from "@rbee/testkit";
import type { TaskEvent } from "@rbee/contract";
import type { Box } from "@rbee/testkit";
import { errorOf } from "./scripted-queen-fixture.ts";

async function ask(box: Box): Promise<TaskEvent[]> {
  const events: TaskEvent[] = [];
  const body = { prompt: "Once", max_tokens: 1 };
  for await (const event of await box.queen().stream("createTask", { body })) events.push(event);
  return events;
}

async function copyWithVersion(box: Box, version: string): Promise<string> {
  return copyInstallation({ from: box.installation, to: join(box.root, version), version });
}

describe("a hive that a task needs", () => {
  it("is of another version: both are named, with the command for the older side", async () => {
    await using box = await createBox();
    const installationRoot = await copyWithVersion(box, "0.2.0");
    await box.startHiveAsOperator([], { installationRoot });
    await box.startQueenAsOperator();
    const { code, details } = errorOf(await ask(box));
    assert.equal(code, "VERSION_MISMATCH");
    assert.deepEqual(details, {
      ours: { program: "queen-rbee", version: "0.1.0" },
      theirs: { program: "rbee-hive", version: "0.2.0" },
      node: "localhost",
      upgrade: {
        program: "rbee-keeper",
        to: "0.2.0",
        command: "git fetch --tags && git checkout v0.2.0 && ./rbee queen stop",
      },
    });
  });

  it("is not installed", async () => {
    await using box = await createBox();
    const installationRoot = await copyWithVersion(box, "0.1.0");
    rmSync(findInstallation(installationRoot).programs["rbee-hive"]);
    await box.startQueenAsOperator([], { installationRoot });
    const { code, details } = errorOf(await ask(box));
    assert.equal(code, "HIVE_NOT_INSTALLED");
    assert.equal(details["node"], "localhost");
  });

  it("ends before it listens: its exit code and last lines are told", async () => {
    await using box = await createBox();
    await box.startQueenAsOperator();
    box.configure({ hive: { port: box.hivePort, models_dir: 7 } });
    const { code, details } = errorOf(await ask(box));
    assert.equal(code, "HIVE_START_FAILED");
    assert.equal(details["exit_code"], 1);
    assert.match(String(details["last_lines"]), /hive\.models_dir/);
  });

  it("dies and is started anew for the next task", async () => {
    await using box = await createBox();
    await box.startQueenAsOperator();
    assert.equal((await ask(box)).at(-1)?.type, "done");
    const pid = box.hivePid() ?? 0;
    box.signal(pid, "SIGKILL");
    const state = async () => (await box.queen().call("hiveStatus")).running;
    await eventually(async () => !(await state()), { timeoutMs: 5000, what: "the notice" });
    assert.deepEqual((await box.queen().call("listWorkers")).workers, []);
    assert.equal((await ask(box)).at(-1)?.type, "done");
    assert.notEqual(box.hivePid(), pid);
  });
});
