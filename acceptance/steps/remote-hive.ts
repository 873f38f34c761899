import assert from "node:assert/strict";
import { Given, Then, When } from "@cucumber/cucumber";
import { HiveHealth } from "@rbee/contract";
import { eventually } from "@rbee/testkit";
import { slowModel } from "../support/models.ts";
import { putProgram } from "../support/on-node.ts";
import { sendRaw } from "../support/raw-request.ts";
import { configureHost } from "../support/three-hosts.ts";
import type { RbeeWorld } from "../world.ts";

const hiveKey = "/home/bee/.rbee/keys/hive.key";

async function startAsOperator(world: RbeeWorld, name: string): Promise<void> {
  await configureHost(world, name, { hive: { host: "0.0.0.0" } });
  await world.host(name).start(["/home/bee/rbee/bin/rbee-hive", "daemon"], { limitMs: 600_000 });
  world.facts.set("hives outlive the queen", true);
  const url = `http://${world.host(name).address}:9200/v1/health`;
  const answer = await eventually(() => sendRaw(url), { what: `a hive on ${name}` });
  assert.equal(HiveHealth.parse(answer.body).started_by, "operator");
}

Given("an operator on mac has started a hive", async function (this: RbeeWorld) {
  // The key that the queen gives to a node is there from the first time that she used it.
  for (const verb of ["start", "stop"]) {
    const run = await this.startKeeper(`rbee-keeper hive ${verb} --node mac`);
    assert.equal((await run.ended).code, 0, run.stderr());
  }
  await startAsOperator(this, "mac");
});

Given("mac has a hive with a key of its own", async function (this: RbeeWorld) {
  await this.host("mac").write(hiveKey, "the-key-that-the-operator-made-0123456789\n", "600");
  await this.host("mac").shell("chmod 700 ~/.rbee ~/.rbee/keys");
  await startAsOperator(this, "mac");
});

Then("the hive of the operator on mac lives and has a worker", async function (this: RbeeWorld) {
  const { body } = await sendRaw(`http://${this.host("mac").address}:9200/v1/health`);
  assert.equal(HiveHealth.parse(body).started_by, "operator");
  const programs = this.host("mac")
    .processes()
    .map((entry) => entry.program)
    .filter((program) => program !== undefined);
  assert.deepEqual(programs.toSorted(), ["llm-worker-rbee", "rbee-hive"]);
});

Given("the hive on mac is of version {word}", async function (this: RbeeWorld, version: string) {
  const manifest = "/home/bee/rbee/current/rbee.json";
  const text = await this.host("mac").read(manifest);
  await this.host("mac").write(
    manifest,
    text.replace(/"version":\s*"[^"]+"/, `"version":"${version}"`),
  );
});

Given(
  "on mac the hive program is {word}, which notes how it is called",
  async function (this: RbeeWorld, path: string) {
    await putProgram(this, path, `exec /home/bee/rbee/bin/rbee-hive "$@"`);
  },
);

Given(
  "mac has a clone at {}, and tools for a build that note how they are called",
  async function (this: RbeeWorld, clone: string) {
    await this.host("mac").shell(`mkdir -p ${clone}/.git`, { user: "root" });
    const lines = { git: "exit 1", node: "echo v24.0.0", npm: "echo 11.0.0" };
    for (const [tool, line] of Object.entries(lines)) {
      await putProgram(this, `/usr/local/bin/${tool}`, line);
    }
  },
);

Given("the queen wants a key that the keeper does not have", async function (this: RbeeWorld) {
  const blep = this.host("blep");
  await blep.write("/home/bee/queen.key", "the-key-of-the-queen-0123456789\n", "600");
  await blep.write("/home/bee/keeper.key", "the-key-of-somebody-else-0123456789\n", "600");
  await configureHost(this, "blep", {
    queen: { api_key_file: "/home/bee/queen.key" },
    keeper: { api_key_file: "/home/bee/keeper.key" },
  });
});

Then("the person reads a key file to check", function (this: RbeeWorld) {
  assert.match(this.run.stderr(), /keys\/[a-z]+\.key/);
});

Given("mac has a worker with a slow model", async function (this: RbeeWorld) {
  this.names.set("SLOW", `file:${await slowModel(this)}`);
  const run = await this.startKeeper(
    "rbee-keeper workers spawn --node mac --slots 1 --model $SLOW",
  );
  assert.equal((await run.ended).code, 0, run.stderr());
});

When("the person has seen a part of the bar", async function (this: RbeeWorld) {
  const pattern = /[1-9]\d?% \([\d.]+ MB \/ 5\.0 MB/;
  await this.run.waitForOutput({ stream: "stderr", pattern, timeoutMs: 30_000 });
});

Then("it ended within {int} seconds of the cut", function (this: RbeeWorld, seconds: number) {
  const elapsedMs = this.fact<number>("endedAt") - this.interruptedAt;
  assert.ok(elapsedMs <= seconds * 1000, `it took ${elapsedMs} ms`);
});

Then(
  "the text so far is on stdout and in the file on blep that the person is told",
  async function (this: RbeeWorld) {
    await this.run.ended;
    const text = this.run.stdout().trimEnd();
    assert.match(text, /\S/);
    const [path] = this.partialFiles([this.run]);
    assert.ok(path !== undefined, `no file is named in:\n${this.run.stderr()}`);
    assert.equal((await this.host("blep").read(path)).trimEnd(), text);
    assert.equal((await this.host("blep").shell(`stat -c %a ${path}`)).trim(), "600");
  },
);

When("another person on workstation uses mac too", async function (this: RbeeWorld) {
  const workstation = this.host("workstation");
  const key = await this.host("blep").read("/home/bee/.ssh/id_ed25519");
  await workstation.write("/home/bee/.ssh/id_ed25519", key, "600");
  const keeper = "/home/bee/rbee/bin/rbee-keeper";
  const add = await workstation.start([
    keeper,
    ..."setup add-node --name mac --ssh-host mac".split(" "),
  ]);
  assert.equal((await add.ended).code, 0, add.stderr());
  this.run = await workstation.start([keeper, "infer", "--node", "mac", "--prompt", "hello"]);
  await this.run.ended;
});

Then("that person is told HIVE_TAKEN", async function (this: RbeeWorld) {
  assert.equal((await this.run.ended).code, 1, this.run.stderr());
  assert.match(this.run.stderr(), /\bHIVE_TAKEN\b/);
  const keeper = "/home/bee/rbee/bin/rbee-keeper";
  await this.host("workstation").shell(`${keeper} queen stop`);
});
