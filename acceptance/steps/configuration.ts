import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Given, Then, When } from "@cucumber/cucumber";
import type { DataTable } from "@cucumber/cucumber";
import { listListeningPorts } from "@rbee/testkit";
import { sendRaw } from "../support/raw-request.ts";
import { configureHost } from "../support/three-hosts.ts";
import type { RbeeWorld } from "../world.ts";

Given(
  /^the setting ([a-z_.]+) is (.+)$/,
  async function (this: RbeeWorld, name: string, text: string) {
    const [section = "", key = ""] = name.split(".");
    const change = { [section]: { [key]: JSON.parse(text) as unknown } };
    if (this.network === undefined) this.box.configure(change);
    else await configureHost(this, "blep", change);
  },
);

Given("on mac the setting {word} is {word}", async function (this, name: string, text: string) {
  const [section = "", key = ""] = name.split(".");
  const change = { [section]: { [key]: JSON.parse(text) as unknown } };
  await configureHost(this as RbeeWorld, "mac", change);
});

Given(
  "my own configuration puts the queen on port {word}",
  function (this: RbeeWorld, port: string) {
    writeFileSync(this.box.configFile, queenOn(this, port));
  },
);

Given("I have no configuration of my own", function (this: RbeeWorld) {
  rmSync(this.box.configFile);
});

Given("another configuration file puts the queen on port {word}", function (this, port: string) {
  const world = this as RbeeWorld;
  writeFileSync(join(world.box.root, "other.toml"), queenOn(world, port));
});

When(
  "I run `{}` with RBEE_CONFIG naming that file",
  async function (this: RbeeWorld, line: string) {
    const environment = { RBEE_CONFIG: join(this.box.root, "other.toml") };
    this.run = await this.startKeeper(line, { environment });
    await this.run.ended;
  },
);

// The system's own /etc stays as it is: the command sees another one, in a mount namespace.
Given("the system's configuration puts the queen on port {word}", function (this, port: string) {
  const world = this as RbeeWorld;
  const upper = join(world.box.root, "etc-upper");
  const work = join(world.box.root, "etc-work");
  mkdirSync(join(upper, "rbee"), { recursive: true });
  mkdirSync(work);
  writeFileSync(join(upper, "rbee/config.toml"), queenOn(world, port));
  const layers = `lowerdir=/etc,upperdir=${upper},workdir=${work}`;
  const script = `mount -t overlay overlay -o ${layers} /etc && exec "$@"`;
  world.runOptions = { prefix: ["unshare", "--mount", "sh", "-c", script, "sh"] };
});

When("I run `{}` on that system", async function (this: RbeeWorld, line: string) {
  this.run = await this.startKeeper(line);
  await this.run.ended;
});

function queenOn(world: RbeeWorld, portName: string): string {
  const port = world.expand(portName);
  return [
    "[queen]",
    `port = ${port}`,
    "[hive]",
    `port = ${world.box.hivePort}`,
    "[keeper]",
    `queen_url = "http://127.0.0.1:${port}"`,
    "",
  ].join("\n");
}

Then("a queen answers on port {word} and on no other", async function (this, portName: string) {
  const world = this as RbeeWorld;
  const port = Number(world.expand(portName));
  const { body } = await sendRaw(`http://127.0.0.1:${port}/health`);
  assert.equal((body as { program?: string }).program, "queen-rbee");
  const others = [world.box.queenPort, world.box.workerPortBase].filter((one) => one !== port);
  const listening = listListeningPorts();
  assert.deepEqual(
    others.filter((one) => listening.has(one)),
    [],
  );
});

Then("these settings hold:", async function (this: RbeeWorld, table: DataTable) {
  const { settings } = await this.box.queen().call("settings");
  const values = new Map(settings.map((setting) => [setting.name, setting]));
  for (const [name = "", value = ""] of table.raw()) {
    assert.equal(values.get(name)?.value, Number(value), name);
    assert.equal(values.get(name)?.source, "default", name);
  }
});
