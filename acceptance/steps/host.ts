import assert from "node:assert/strict";
import { Given, Then, When } from "@cucumber/cucumber";
import type { DataTable } from "@cucumber/cucumber";
import { ModelList } from "@rbee/contract";
import { createTcpProxy, eventually, remains } from "@rbee/testkit";
import type { Host, ProcessEntry } from "@rbee/testkit";
import { countNewLogins } from "../support/logins.ts";
import { linesOf } from "../support/told.ts";
import { listAllWorkers } from "../support/watch-workers.ts";
import type { RbeeWorld } from "../world.ts";

Given(/^(\w+) is cut off$/, function (this: RbeeWorld, name: string) {
  cut(this, name);
});

When("the cable of {word} is cut", function (this: RbeeWorld, name: string) {
  cut(this, name);
});

function cut(world: RbeeWorld, name: string): void {
  world.host(name).cable.cut();
  world.interruptedAt = performance.now();
  // Its hive cannot hear that the queen stops.
  world.facts.set("hives outlive the queen", true);
}

When("the cable of {word} is mended", function (this: RbeeWorld, name: string) {
  this.host(name).cable.mend();
});

Given("the cable of {word} carries {int} megabit(s) a second", function (this, name, megabits) {
  (this as RbeeWorld).host(String(name)).cable.limit(Number(megabits));
});

Given("{word} has no SSH server", async function (this: RbeeWorld, name: string) {
  await this.host(name).stopSshServer();
});

Given("{word} has got another host key", async function (this: RbeeWorld, name: string) {
  const host = this.host(name);
  const file = "/etc/ssh/ssh_host_ed25519_key";
  await host.shell(`rm ${file} ${file}.pub && ssh-keygen -q -t ed25519 -N '' -f ${file}`, {
    user: "root",
  });
  await host.stopSshServer({ sessions: true });
  await host.startSshServer();
});

Given("{word} has neither node nor npm nor git nor curl", async function (this, name: string) {
  const line = "command -v node npm git curl wget python3; true";
  assert.equal(await (this as RbeeWorld).host(name).shell(line), "");
});

Given("mac has a firewall before its ports {int} and {int}", function (this, one, other) {
  const { cable } = (this as RbeeWorld).host("mac");
  for (const port of [one, other]) cable.closePort(Number(port));
});

Given("mac lets in only who comes from workstation", async function (this: RbeeWorld) {
  this.host("mac").cable.shun(this.host("blep").address);
  const line = "ssh -o BatchMode=yes -o ConnectTimeout=1 mac hostname 2>&1; true";
  assert.match(await this.host("blep").shell(line), /timed out/);
});

Given(
  "the SSH configuration of the person jumps to mac over workstation",
  async function (this: RbeeWorld) {
    const blep = this.host("blep");
    await blep.write("/home/bee/.ssh/config", "Host mac\n  ProxyJump workstation\n", "600");
    // As somebody who has been there before.
    await blep.shell("ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new workstation true");
  },
);

Given(
  "mac is reached over a line with {int} ms delay that loses 1 of {int} pieces",
  async function (this: RbeeWorld, delayMs: number, oneOf: number) {
    const proxy = await createTcpProxy({
      host: this.network?.gateway ?? "",
      target: { host: this.host("mac").address, port: 22 },
      weather: { delayMs, lossShare: 1 / oneOf },
    });
    this.cleanups.push(() => proxy.close());
    const words = `--name mac --ssh-host hub --ssh-port ${proxy.port}`;
    const run = await this.startKeeper(`rbee-keeper setup update-node ${words} --accept-host-key`);
    assert.equal((await run.ended).code, 0, run.stderr());
  },
);

Then("somebody has logged in to {word}", async function (this: RbeeWorld, name: string) {
  assert.ok((await countNewLogins(this, name)) > 0, `nobody has logged in to ${name}`);
});

Then("nobody has logged in to {word} since", async function (this: RbeeWorld, name: string) {
  assert.equal(this.run.end()?.code, 0);
  assert.match(this.run.stdout(), /\S/);
  assert.equal(await countNewLogins(this, name), 0);
});

Then(
  "for {int} seconds nobody logs in to mac or workstation",
  async function (this: RbeeWorld, seconds: number) {
    const count = async () =>
      (await this.host("mac").countLogins()) + (await this.host("workstation").countLogins());
    const before = await count();
    assert.ok(before > 0, "nobody has ever logged in");
    await remains(async () => (await count()) === before, {
      forMs: seconds * 1000,
      what: "the quiet",
    });
  },
);

function programsOn(host: Host): string[] {
  return host.processes().flatMap(({ program }) => (program === undefined ? [] : [program]));
}

async function findProgram(world: RbeeWorld, name: string, program: string): Promise<ProcessEntry> {
  const find = () =>
    world
      .host(name)
      .processes()
      .find((entry) => entry.program === program);
  return await eventually(find, { what: `a running ${program} on ${name}` });
}

async function signalProgram(
  world: RbeeWorld,
  { name, program }: { readonly name: string; readonly program: string },
  signal: NodeJS.Signals,
): Promise<void> {
  const { pid } = await findProgram(world, name, program);
  world.host(name).signal(pid, signal);
  world.interruptedAt = performance.now();
}

When("the hive on {word} is halted", async function (this: RbeeWorld, name: string) {
  await signalProgram(this, { name, program: "rbee-hive" }, "SIGSTOP");
  this.facts.set("hives outlive the queen", true);
});

When("the hive on {word} is killed", async function (this: RbeeWorld, name: string) {
  await signalProgram(this, { name, program: "rbee-hive" }, "SIGKILL");
});

When("the worker on {word} is killed", async function (this: RbeeWorld, name: string) {
  await signalProgram(this, { name, program: "llm-worker-rbee" }, "SIGKILL");
});

When("the worker on {word} is halted as soon as it is there", async function (this, name: string) {
  const world = this as RbeeWorld;
  await signalProgram(world, { name, program: "llm-worker-rbee" }, "SIGSTOP");
  assert.equal(world.run.end(), undefined, world.run.stderr());
});

When("the queen on blep is killed", async function (this: RbeeWorld) {
  await signalProgram(this, { name: "blep", program: "queen-rbee" }, "SIGKILL");
  this.facts.set("hives outlive the queen", true);
  const isGone = () => !programsOn(this.host("blep")).includes("queen-rbee");
  await eventually(isGone, { what: "the end of the queen" });
});

Then("nothing of rbee is left on any host", async function (this: RbeeWorld) {
  assert.match(this.run.stderr() + this.run.stdout(), /\w/, "the command said nothing");
  assert.deepEqual(await this.network?.findLeft(2000), []);
});

Then("nothing of rbee runs on blep and workstation", function (this: RbeeWorld) {
  assert.match(this.run.stderr(), /\w/, "the command said nothing");
  assert.deepEqual([...programsOn(this.host("blep")), ...programsOn(this.host("workstation"))], []);
});

Then(
  "within {int} seconds nothing of rbee runs on {word}",
  async function (this: RbeeWorld, seconds: number, name: string) {
    const isClean = () => programsOn(this.host(name)).length === 0;
    await eventually(isClean, { timeoutMs: seconds * 1000, what: `${name} without rbee` });
    assert.deepEqual(programsOn(this.host(name)), []);
  },
);

Then("no worker runs on {word}", async function (this: RbeeWorld, name: string) {
  await this.end();
  assert.match(this.run.stderr() + this.run.stdout(), /\w/, "the command said nothing");
  assert.equal(programsOn(this.host(name)).includes("llm-worker-rbee"), false);
});

Then(
  "a queen runs on blep, a hive and a worker on mac, and nothing else anywhere",
  function (this: RbeeWorld) {
    const found = Object.fromEntries(this.hosts.map((host) => [host.name, programsOn(host)]));
    assert.deepEqual(found["blep"], ["queen-rbee"]);
    assert.deepEqual(found["mac"]?.toSorted(), ["llm-worker-rbee", "rbee-hive"]);
    assert.deepEqual(found["workstation"], []);
  },
);

Then("mac has one idle worker on port {int}", async function (this: RbeeWorld, port: number) {
  const [worker, ...others] = (await listAllWorkers(this)).filter((one) => one.node === "mac");
  assert.ok(worker !== undefined, "mac has no worker");
  assert.deepEqual(others, []);
  assert.equal(worker.state, "idle");
  assert.ok(this.host("mac").listeners().includes(port), `nobody listens on ${port}`);
  this.facts.set("worker on mac", worker.worker_id);
});

Then("mac has the same worker as before", async function (this: RbeeWorld) {
  const known = this.fact<readonly string[]>("known");
  const found = (await listAllWorkers(this)).filter((one) => one.node === "mac");
  assert.equal(found.length, 1);
  assert.ok(known.includes(found[0]?.worker_id ?? ""), `${found[0]?.worker_id} is new`);
});

Then(
  "within {int} seconds the worker of {word} is no longer listed",
  async function (this: RbeeWorld, seconds: number, name: string) {
    const startedAt = this.interruptedAt;
    const isGone = async () => (await listAllWorkers(this)).every((one) => one.node !== name);
    await eventually(isGone, { timeoutMs: seconds * 1000, what: "a list without the worker" });
    // The look itself takes its time.
    assert.ok(performance.now() - startedAt < (seconds + 1) * 1000);
  },
);

Then(
  "stdout has a line of an idle worker for each of localhost, mac and workstation",
  function (this: RbeeWorld) {
    const lines = linesOf(this.run.stdout()).filter((line) => line.includes("idle"));
    assert.equal(lines.length, 3, this.run.stdout());
    for (const node of ["localhost", "mac", "workstation"]) {
      assert.equal(lines.filter((line) => line.split(/\s+/).includes(node)).length, 1, node);
    }
  },
);

Then("stdout has a line of an idle worker for mac alone", function (this: RbeeWorld) {
  const lines = linesOf(this.run.stdout()).filter((line) => line.includes("idle"));
  assert.equal(lines.length, 1, this.run.stdout());
  assert.match(lines[0] ?? "", /\bmac\b/);
});

Then(
  "the catalogue of mac has the model with its provider, reference, path, size and time",
  async function (this: RbeeWorld) {
    const run = await this.network?.keeper(["models", "list", "--node", "mac", "--json"]);
    const { models } = ModelList.parse(JSON.parse(run?.stdout() ?? ""));
    const reference = this.expand("$TINY");
    const model = models.find((one) => one.reference.startsWith(reference));
    assert.ok(model !== undefined, run?.stdout());
    assert.equal(model.provider, "hf");
    assert.equal(model.size_bytes, 5 * 1_048_576);
    assert.ok(model.local_path.startsWith("/home/bee/.local/share/rbee/models/"), model.local_path);
    assert.ok(Math.abs(Date.now() / 1000 - model.downloaded_at_unix) < 120);
    const digest = await this.host("mac").shell(`sha256sum ${model.local_path}`);
    assert.equal(digest.split(" ")[0], this.fact("digest of the model"));
  },
);

Then(
  "mac runs nothing of rbee, and only model files are left there",
  async function (this: RbeeWorld) {
    assert.deepEqual(programsOn(this.host("mac")), []);
    const places = ["rbee", ".rbee", ".config/rbee", ".cache/rbee", ".local/share/rbee"];
    const line = `find ${places.join(" ")} -type f -o -type l 2>/dev/null; true`;
    const files = linesOf(await this.host("mac").shell(line));
    const models = files.filter((path) => path.startsWith(".local/share/rbee/models/"));
    assert.ok(models.length > 0, "the models are gone too");
    assert.deepEqual(
      files.filter((path) => !models.includes(path) && path !== ".config/rbee/config.toml"),
      [],
    );
  },
);

Then("on {word} these exist:", async function (this: RbeeWorld, name: string, table: DataTable) {
  for (const path of table.raw().flat()) {
    assert.equal(await this.host(name).exists(path), true, `${path} is not there`);
  }
});

Then("on {word} these do not exist:", async function (this, name: string, table: DataTable) {
  const world = this as RbeeWorld;
  assert.match(world.run.stdout() + world.run.stderr(), /\w/, "the command said nothing");
  for (const path of table.raw().flat()) {
    assert.equal(await world.host(name).exists(path), false, `${path} is there`);
  }
});

Then("on {word} {string} was called", async function (this: RbeeWorld, name: string, text: string) {
  const called = await this.host(name).read("/tmp/called");
  assert.ok(called.includes(text), called);
});
