import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { eventually } from "@rbee/testkit";
import { actionsOf, openQueen, tokensOf } from "./scripted-queen-fixture.ts";

describe("a task on one machine", () => {
  it("goes all the way from nothing to its last token, then straight to the warm worker", async () => {
    await using box = await openQueen();
    const request = { model: "hello-bee", max_tokens: 8, temperature: 0 };
    const cold = await box.ask(request).ended;
    assert.equal(cold[0]?.type, "accepted");
    assert.equal(tokensOf(cold).length, 8);
    assert.equal(cold.at(-1)?.type, "done");
    const told = actionsOf(cold);
    const order = ["lookup", "hive-start", "version-check", "spawn", "worker-starting"];
    const places = [...order, "worker-ready", "choose-worker"].map((name) => told.indexOf(name));
    assert.deepEqual(
      places,
      places.toSorted((left, right) => left - right),
      told.join(" "),
    );
    assert.ok(
      places.every((place) => place >= 0),
      told.join(" "),
    );
    const loading = cold.filter((event) => event.type === "progress");
    assert.ok(loading.length > 1);
    assert.ok(loading.every(({ node, worker_id: id }) => node === "localhost" && id !== undefined));

    const warm = await box.ask(request).ended;
    assert.deepEqual(tokensOf(warm), tokensOf(cold));
    assert.ok(!actionsOf(warm).includes("hive-start"));
    assert.deepEqual(box.programs(), ["llm-worker-rbee", "queen-rbee", "rbee-hive"]);
    const { tasks } = await box.queen.call("listTasks");
    assert.deepEqual(
      tasks.map(({ phase, tokens, node }) => [phase, tokens, node]),
      [
        ["done", 8, "localhost"],
        ["done", 8, "localhost"],
      ],
    );
    const [warmTask, coldTask] = tasks;
    const phasesOf = (task: typeof coldTask) => task?.phases?.map(({ phase }) => phase);
    assert.deepEqual(phasesOf(warmTask), ["placing", "inferring", "done"]);
    const road = [
      "placing",
      "starting-hive",
      "spawning",
      "loading",
      "placing",
      "inferring",
      "done",
    ];
    assert.deepEqual(phasesOf(coldTask), road);
    assert.ok((coldTask?.first_token_at ?? "") > (coldTask?.started_at ?? "~"));
  });

  it("makes one hive and one worker for two tasks that come at once", async () => {
    await using box = await openQueen({
      script: ["--slots", "2"],
      settings: { worker: { slots: 2 } },
    });
    const [one, two] = await Promise.all([box.ask().ended, box.ask().ended]);
    assert.equal(tokensOf(one).length, 20);
    assert.equal(tokensOf(two).length, 20);
    assert.deepEqual(box.programs(), ["llm-worker-rbee", "queen-rbee", "rbee-hive"]);
    for (const events of [one, two]) {
      assert.ok(actionsOf(events).includes("hive-start"), "each hears the whole story");
      assert.ok(actionsOf(events).includes("worker-ready"), "each hears the whole story");
    }
  });

  it("finds its hive and worker again after the queen was killed", async () => {
    await using box = await openQueen({ script: [] });
    await box.ask().ended;
    const [worker] = (await box.queen.call("listWorkers")).workers;
    const queenPid = box.box.queenPid();
    assert.ok(queenPid !== undefined);
    box.box.signal(queenPid, "SIGKILL");
    await eventually(() => !box.programs().includes("queen-rbee"));
    await box.box.startQueenAsOperator();
    const status = await box.queen.call("hiveStatus");
    assert.equal(status.running, true);
    assert.equal(status.owned, true);
    const { workers } = await box.queen.call("listWorkers");
    assert.deepEqual(
      workers.map(({ worker_id: id }) => id),
      [worker?.worker_id],
    );
    const again = await box.ask().ended;
    assert.ok(!actionsOf(again).includes("spawn"), "the warm worker is used");
    assert.equal(tokensOf(again).length, 20);
  });

  it("stops everything that it started, and lets the hive of an operator live", async () => {
    await using owned = await openQueen({ script: [] });
    await owned.ask().ended;
    await owned.queen.call("shutdown");
    await eventually(() => owned.programs().length === 0, { timeoutMs: 20_000 });
    const log = readFileSync(join(owned.box.rbeeHome, "logs/queen.log"), "utf8");
    assert.match(log, /1\/1 stopped/);
    assert.match(log, /Hives stopped: 1 gracefully, 0 by force/);

    await using foreign = await openQueen({ script: [] });
    await foreign.box.startHiveAsOperator();
    await foreign.ask().ended;
    await foreign.queen.call("shutdown");
    await eventually(() => !foreign.programs().includes("queen-rbee"), { timeoutMs: 20_000 });
    assert.deepEqual(foreign.programs(), ["llm-worker-rbee", "rbee-hive"]);
  });
});
