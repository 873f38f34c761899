import assert from "node:assert/strict";
import { Given, Then, When } from "@cucumber/cucumber";
import { eventually, isAlive } from "@rbee/testkit";
import type { ProgramRun } from "@rbee/testkit";
import { workerPids } from "../support/watch-workers.ts";
import type { RbeeWorld } from "../world.ts";

Given("an operator has started a queen", async function (this: RbeeWorld) {
  this.facts.set("queen", await this.box.startQueenAsOperator([], this.runOptions));
});

When("an operator starts a queen there", async function (this: RbeeWorld) {
  this.run = await this.box.start("queen-rbee", ["daemon"]);
});

Then("the queen is still the operator's", async function (this: RbeeWorld) {
  const run = this.fact<ProgramRun>("queen");
  assert.equal(run.end(), undefined);
  assert.equal((await this.box.queen().call("health")).pid, run.pid);
});

Given("the queen is killed", async function (this: RbeeWorld) {
  await killProgram(this, "queen-rbee");
});

Then("no queen runs", async function (this: RbeeWorld) {
  await eventually(() => pidsOf(this, "queen-rbee").length === 0, { timeoutMs: 2000 });
  assert.deepEqual(pidsOf(this, "queen-rbee"), []);
});

export function pidsOf(world: RbeeWorld, program: string): number[] {
  const processes = world.box.processes().filter((entry) => entry.program === program);
  return processes.map((entry) => entry.pid);
}

/** SIGKILL to the one process of this program, and waits until it is gone. */
export async function killProgram(world: RbeeWorld, program: string): Promise<void> {
  const pid = await eventually(() => pidsOf(world, program)[0], { what: `a running ${program}` });
  world.box.signal(pid, "SIGKILL");
  await eventually(() => !isAlive(pid));
}

When("the command has come to the point of {}", async function (this: RbeeWorld, phase: string) {
  const probe = phases[phase];
  if (probe === undefined) throw new Error(`no such phase: ${phase}`);
  await eventually(() => probe(this), { what: phase, intervalMs: 10, timeoutMs: 15_000 });
  assert.equal(this.run.end(), undefined, `the command has ended\n${this.run.stderr()}`);
});

const phases: Readonly<Record<string, (world: RbeeWorld) => Promise<boolean> | boolean>> = {
  "starting the queen": (world) => pidsOf(world, "queen-rbee").length > 0,
  "starting the hive": (world) => pidsOf(world, "rbee-hive").length > 0,
  "starting the worker": (world) => workerPids(world).length > 0,
  loading: (world) => hasTask(world, ["loading"]),
  inferring: (world) => world.run.stdout().length > 0,
  waiting: (world) => hasTask(world, ["queued"]),
};

async function hasTask(world: RbeeWorld, wanted: readonly string[]): Promise<boolean> {
  const { tasks } = await world.box.queen().call("listTasks", { timeoutMs: 2000 });
  return tasks.some((task) => task.ended_at === null && wanted.includes(task.phase));
}

// A slow request of another terminal goes on; only the one that was interrupted has to be gone.
Then("no request runs any more", async function (this: RbeeWorld) {
  const others = this.terminals.size;
  if (pidsOf(this, "queen-rbee").length === 0) return;
  const tasks = await eventually(
    async () => {
      const answer = await this.box.queen().call("listTasks", { timeoutMs: 2000 });
      const running = answer.tasks.filter((task) => task.ended_at === null);
      return running.length === others ? answer.tasks : undefined;
    },
    { timeoutMs: 5000, what: "the end of the request" },
  );
  assert.ok(tasks.length >= others);
});
