import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Given, Then, When } from "@cucumber/cucumber";
import type { DataTable } from "@cucumber/cucumber";
import type { HiveEvent, HiveWorker } from "@rbee/contract";
import { copyInstallation, eventually, remains } from "@rbee/testkit";
import type { ProgramRun } from "@rbee/testkit";
import { dataLinesOf, sendRaw } from "../support/raw-request.ts";
import type { RawAnswer } from "../support/raw-request.ts";
import { listWorkers, waitForWorker, workerPids } from "../support/watch-workers.ts";
import type { RbeeWorld } from "../world.ts";
import { killProgram } from "./queen.ts";

async function startHive(world: RbeeWorld): Promise<void> {
  world.facts.set("hive", await world.box.startHiveAsOperator([], world.runOptions));
}

function hiveUrl(world: RbeeWorld): string {
  return `http://127.0.0.1:${world.box.hivePort}`;
}

function hiveKey(world: RbeeWorld): string | undefined {
  try {
    return readFileSync(join(world.box.rbeeHome, "keys/hive.key"), "utf8").trim();
  } catch {
    // Without a key file the hive wants no key.
    return undefined;
  }
}

Given("an operator has started a hive", async function (this: RbeeWorld) {
  await startHive(this);
});

Given("an operator has started a hive of version {word}", async function (this, version: string) {
  const world = this as RbeeWorld;
  const { installation: from, root } = world.box;
  const copy = copyInstallation({ from, to: join(root, "copy"), version });
  world.facts.set("hive", await world.box.startHiveAsOperator([], { installationRoot: copy }));
});

When("the operator ends the hive with SIGTERM", async function (this: RbeeWorld) {
  this.facts.set("workers", workerPids(this));
  this.fact<ProgramRun>("hive").signal("SIGTERM");
});

When("the operator starts the hive again", async function (this: RbeeWorld) {
  await startHive(this);
});

When("the operator restarts the hive", async function (this: RbeeWorld) {
  const run = this.fact<ProgramRun>("hive");
  run.signal("SIGTERM");
  assert.equal((await run.ended).code, 0);
  await startHive(this);
});

Then("the hive exits with 0 and no worker runs", async function (this: RbeeWorld) {
  assert.equal(this.fact<number[]>("workers").length, 3);
  const end = await this.fact<ProgramRun>("hive").ended;
  assert.equal(end.code, 0);
  assert.ok(end.durationMs > 0);
  assert.deepEqual(workerPids(this), []);
});

When("the hive is killed", async function (this: RbeeWorld) {
  await killProgram(this, "rbee-hive");
});

Then("the hive is still the operator's", async function (this: RbeeWorld) {
  await assertOperatorsHive(this);
});

Then(
  "after {int} seconds the hive is still the operator's",
  async function (this, seconds: number) {
    const world = this as RbeeWorld;
    const run = world.fact<ProgramRun>("hive");
    await remains(() => run.end() === undefined, {
      forMs: seconds * 1000,
      what: "the hive's life",
    });
    await assertOperatorsHive(world);
  },
);

async function assertOperatorsHive(world: RbeeWorld): Promise<void> {
  const run = world.fact<ProgramRun>("hive");
  assert.equal(run.end(), undefined, "the hive has ended");
  const health = await world.box.hive().call("health");
  assert.equal(health.pid, run.pid);
  assert.equal(health.started_by, "operator");
}

Then(
  "the hive answers that it is alive with the version of this installation and api_version {string}",
  async function (this: RbeeWorld, apiVersion: string) {
    const { status, body } = await sendRaw(`${hiveUrl(this)}/v1/health`);
    assert.equal(status, 200);
    const { installation } = this.box;
    const { status: said, version, api_version: api } = body as Record<string, unknown>;
    assert.deepEqual(
      { said, version, api },
      {
        said: "alive",
        version: installation.version,
        api: apiVersion,
      },
    );
  },
);

Then(/^the hive answers the list of workers with (.+)$/, async function (this, text: string) {
  const world = this as RbeeWorld;
  const url = `${hiveUrl(world)}/v1/workers/list`;
  const answer = await sendRaw(url, { key: hiveKey(world) });
  assert.equal(answer.status, 200);
  assert.equal(answer.text, text);
});

Then("the hive's list shows for the worker:", async function (this: RbeeWorld, table: DataTable) {
  const worker = (await listWorkers(this))[0];
  assert.ok(worker !== undefined);
  for (const field of table.raw().flat()) {
    const value = worker[field as keyof HiveWorker];
    assert.ok(value !== undefined && value !== null, `${field} is missing`);
  }
});

Then(
  "the hive's list shows the worker as loading with 0 slots available",
  async function (this: RbeeWorld) {
    const worker = (await listWorkers(this))[0];
    assert.equal(worker?.state, "loading");
    assert.equal(worker.slots_available, 0);
  },
);

Then(
  "the hive's list shows the model, backend cpu and device 0 for it",
  async function (this: RbeeWorld) {
    const { model_ref: model, backend, device } = await waitForWorker(this, () => true);
    assert.deepEqual({ model, backend, device }, { model: "hello-bee", backend: "cpu", device: 0 });
  },
);

async function spawn(world: RbeeWorld, reference: string, backend?: string): Promise<void> {
  const body = {
    model_ref: world.expand(reference),
    ...(backend === undefined ? {} : { backend }),
  };
  const url = `${hiveUrl(world)}/v1/workers/spawn`;
  world.facts.set("answer", await sendRaw(url, { key: hiveKey(world), body }));
}

When("the hive is asked to spawn {string}", async function (this: RbeeWorld, reference: string) {
  await spawn(this, reference);
});

When("the hive is asked to spawn {string} on {word}", async function (this, reference, backend) {
  await spawn(this as RbeeWorld, String(reference), String(backend));
});

When("the hive is asked {int} times to spawn {string}", async function (this, count, reference) {
  for (let time = 0; time < Number(count); time += 1) {
    // Each is an answer to the one before; at once they would be joined.
    // oxlint-disable-next-line no-await-in-loop
    await spawn(this as RbeeWorld, String(reference));
  }
});

Then(
  /^the hive answers 202 with the state (loading|loading or idle) and the worker's address$/,
  function (this: RbeeWorld, states: string) {
    const { status, body } = this.fact<RawAnswer>("answer");
    assert.equal(status, 202);
    const { state, url, worker_id: id } = body as Record<string, string>;
    assert.ok(states.split(" or ").includes(state ?? ""), `the state is ${state}`);
    assert.match(url ?? "", /^http:\/\/127\.0\.0\.1:\d+$/);
    this.names.set("WORKER", id ?? "");
  },
);

Then(
  /^(?:the hive|it|the last) answers? (?:is )?(\d+) with the error (\w+)$/,
  function (this: RbeeWorld, status: number, code: string) {
    const answer = this.fact<RawAnswer>("answer");
    assert.equal(answer.status, status, answer.text);
    assert.equal(errorIn(answer).code, code);
  },
);

interface WireError {
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

function errorIn({ body }: RawAnswer): WireError {
  return (body as { error: WireError }).error;
}

Then("the message of the error has {int} and {int}", function (this: RbeeWorld, one: number, two) {
  const { message } = errorIn(this.fact<RawAnswer>("answer"));
  assert.match(message, new RegExp(`need ${one} MB, have ${String(two)} MB`));
});

Then(
  /^the details of the error have (\w+ \d+) and (\w+ \d+)$/,
  function (this: RbeeWorld, one: string, other: string) {
    const { details } = errorIn(this.fact<RawAnswer>("answer"));
    for (const [name = "", value] of [one.split(" "), other.split(" ")]) {
      assert.strictEqual(details[name], Number(value), name);
    }
  },
);

Then(
  "the events of the worker tell layers up to the last, and end with the worker as idle",
  async function (this: RbeeWorld) {
    const { events_url: path } = this.fact<RawAnswer>("answer").body as { events_url: string };
    const { text } = await sendRaw(`${hiveUrl(this)}${path}`, { key: hiveKey(this) });
    const lines = dataLinesOf(text);
    assert.equal(lines.at(-1), "[DONE]");
    const events = lines.slice(0, -1).map((line) => JSON.parse(line) as Record<string, unknown>);
    const layers = events.filter((event) => event["stage"] === "loading_to_vram");
    const total = Number(layers.at(-1)?.["layers_total"]);
    assert.ok(layers.length > 1 && total >= 6, `${layers.length} events, ${total} layers`);
    assert.equal(layers.at(-1)?.["layers_loaded"], total);
    const last = events.at(-1) as { type: string; worker: HiveWorker };
    assert.equal(last.type, "done");
    assert.equal(last.worker.state, "idle");
  },
);

Given("I watch the hive", async function (this: RbeeWorld) {
  const stop = new AbortController();
  const seen: HiveEvent[] = [];
  const stream = await this.box.hive().stream("events", { query: {}, signal: stop.signal });
  const reading = (async () => {
    for await (const event of stream) seen.push(event);
  })().catch(() => {});
  this.facts.set("seen", seen);
  this.cleanups.push(async () => {
    stop.abort();
    await reading;
  });
});

Then("the hive has seen the worker idle, busy and idle again", async function (this: RbeeWorld) {
  const seen = this.fact<HiveEvent[]>("seen");
  const states = await eventually(() => {
    const found = seen.flatMap((event) => {
      if (event.type === "snapshot") return event.workers.map((worker) => worker.state);
      return event.type === "worker" ? [event.worker.state] : [];
    });
    return found.includes("busy") && found.at(-1) === "idle" ? found : undefined;
  });
  const turns = states.filter((state, index) => state !== states[index - 1]);
  assert.deepEqual(turns, ["idle", "busy", "idle"]);
});

Then("the hive goes on noting that it has seen the worker", async function (this: RbeeWorld) {
  const first = await waitForWorker(this, (worker) => worker.last_seen !== null);
  this.facts.set("first", first);
  const later = await waitForWorker(this, (worker) => worker.last_seen !== first.last_seen, 5000);
  this.facts.set("later", later);
  assert.ok(String(later.last_seen) > String(first.last_seen));
});

Then("its looks do not count as activity of the worker", function (this: RbeeWorld) {
  const { last_activity: first } = this.fact<HiveWorker>("first");
  const { last_activity: later } = this.fact<HiveWorker>("later");
  assert.equal(later, first);
});

Then(
  "the hive counts up to 3 failed looks and removes the worker",
  async function (this: RbeeWorld) {
    const counts = new Set<number>();
    await eventually(
      async () => {
        const worker = (await listWorkers(this))[0];
        if (worker !== undefined) counts.add(worker.failed_health_checks);
        return worker === undefined;
      },
      { timeoutMs: 15_000, what: "the worker's removal" },
    );
    assert.ok(counts.has(1) && counts.has(2), `seen: ${[...counts].join(", ")}`);
    await eventually(() => workerPids(this).length === 0, { what: "the worker's end" });
  },
);

Then("the hive no longer lists the worker", async function (this: RbeeWorld) {
  const id = workerId(this);
  const listed = await eventually(
    async () => {
      const workers = await listWorkers(this);
      return workers.every((worker) => worker.id !== id) ? workers : undefined;
    },
    { timeoutMs: 6000, what: `a list without ${id}` },
  );
  assert.ok(listed.every((worker) => worker.id !== id));
});

Then("the hive's log tells of the crash", function (this: RbeeWorld) {
  assert.match(hiveLog(this), new RegExp(`${workerId(this)}.*(?:crash|SIGKILL|died)`, "i"));
});

Then("the hive's log tells that {word} stopped", function (this: RbeeWorld, figures: string) {
  assert.ok(hiveLog(this).includes(`${figures} stopped`), hiveLog(this).slice(-2000));
});

// Noted by an earlier step, or named to the person in the advice of an error.
function workerId(world: RbeeWorld): string {
  const id = world.names.get("WORKER") ?? /--worker (\S+)/.exec(world.run.stderr())?.[1];
  assert.ok(id !== undefined, `no worker is named in:\n${world.run.stderr()}`);
  return id;
}

function hiveLog(world: RbeeWorld): string {
  return readFileSync(join(world.box.rbeeHome, "logs/hive.log"), "utf8");
}
