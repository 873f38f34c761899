import assert from "node:assert/strict";
import { Given, Then, When } from "@cucumber/cucumber";
import type { DataTable } from "@cucumber/cucumber";
import { NodeList } from "@rbee/contract";
import type { NodeOnWire } from "@rbee/contract";
import { eventually } from "@rbee/testkit";
import type { ProgramRun } from "@rbee/testkit";
import { readRegistryRow } from "../support/registry-row.ts";
import { linesOf, parsePattern } from "../support/told.ts";
import type { RbeeWorld } from "../world.ts";

async function listNodes(world: RbeeWorld): Promise<readonly NodeOnWire[]> {
  const run = await world.network?.keeper(["setup", "list-nodes", "--json"]);
  return NodeList.parse(JSON.parse(run?.stdout() ?? "")).nodes;
}

Given("no node is registered", async function (this: RbeeWorld) {
  assert.deepEqual(await listNodes(this), []);
});

Given(/^(mac|workstation) is registered$/, async function (this: RbeeWorld, name: string) {
  const line = `rbee-keeper setup add-node --name ${name} --ssh-host ${name}`;
  this.run = await this.startKeeper(line);
  assert.equal((await this.end()).code, 0, this.run.stderr());
});

Then("the registry has for {string}:", async function (this, name: string, table: DataTable) {
  const world = this as RbeeWorld;
  const node = (await listNodes(world)).find((one) => one.node_name === name);
  assert.ok(node !== undefined, `${name} is not registered`);
  for (const [field = "", value = ""] of table.raw()) {
    const found: string = JSON.stringify(node[field as keyof NodeOnWire]);
    assert.equal(found.replaceAll('"', ""), world.expand(value), field);
  }
});

Then("the registry has only {string}", async function (this: RbeeWorld, name: string) {
  const names = (await listNodes(this)).map((node) => node.node_name);
  assert.deepEqual(names, [name]);
});

Then("the registry says that {string} was connected just now", async function (this, name: string) {
  const node = (await listNodes(this as RbeeWorld)).find((one) => one.node_name === name);
  const ageSeconds = Date.now() / 1000 - (node?.last_connected_unix ?? 0);
  assert.ok(ageSeconds >= -1 && ageSeconds < 90, `connected ${ageSeconds} s ago`);
});

Then(
  "the registry has the fingerprint of the host key of {word}",
  async function (this: RbeeWorld, name: string) {
    const line = "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub";
    const fingerprint = /SHA256:\S+/.exec(await this.host(name).shell(line))?.[0];
    const row = await readRegistryRow(this, name);
    assert.ok(fingerprint !== undefined);
    assert.match(JSON.stringify(row), new RegExp(fingerprint.replaceAll(/[+/]/g, "\\$&")));
  },
);

Then("stdout says that there are no nodes", async function (this: RbeeWorld) {
  await this.end();
  assert.match(this.run.stdout(), /\bno\b.*nodes?|none/i);
  assert.doesNotMatch(this.run.stdout(), /Status:/);
});

Then(
  "stdout shows the node mac, then the node workstation, each with:",
  function (this: RbeeWorld, table: DataTable) {
    const parts = this.run
      .stdout()
      .split(/^(?=\S)/m)
      .slice(1);
    const heads = parts.map((part) => linesOf(part)[0]);
    assert.deepEqual(heads, ["mac (mac)", "workstation (workstation)"]);
    for (const part of parts) {
      for (const [label = "", value = ""] of table.raw()) {
        const line = linesOf(part).find((one) => one.startsWith(" ") && one.includes(label));
        assert.match(line ?? `no ${label} in:\n${part}`, parsePattern(value));
      }
    }
  },
);

Then("one line says that {string} was removed", async function (this: RbeeWorld, name: string) {
  await this.end();
  const told = linesOf(`${this.run.stdout()}\n${this.run.stderr()}`);
  const lines = told.filter((line) => line.includes(name) && /removed|forgotten/i.test(line));
  assert.equal(lines.length, 1, told.join("\n"));
});

Then("the person reads the recorded and the offered fingerprint", function (this: RbeeWorld) {
  const found = new Set(this.run.stderr().match(/SHA256:\S+/g));
  assert.equal(found.size, 2, this.run.stderr());
});

Then(
  "the person sees the bytes on their way with their speed, up to the last",
  async function (this: RbeeWorld) {
    await this.end();
    const bars = sendingBars(this.run);
    assert.ok(bars.length >= 2, this.run.stderr());
    assert.ok(bars.some((bar) => bar.percent > 0 && bar.percent < 100) || bars.length >= 2);
    assert.equal(bars.at(-1)?.percent, 100);
    assert.match(this.run.stderr(), /MB\/s/);
  },
);

interface Bar {
  readonly percent: number;
  readonly totalMegabytes: number;
}

function sendingBars(run: ProgramRun): Bar[] {
  const found = run.stderr().matchAll(/(\d+)% \([\d.]+ MB \/ ([\d.]+) MB/g);
  return [...found].map(([, percent, total]) => ({
    percent: Number(percent),
    totalMegabytes: Number(total),
  }));
}

const programs = ["rbee-keeper", "queen-rbee", "rbee-hive", "llm-worker-rbee"];

Then(
  "all four programs on {word} answer with the version of this installation",
  async function (this: RbeeWorld, name: string) {
    await assertVersions(this, name, "/home/bee/rbee/bin");
  },
);

Then(
  "the four programs in {word} answer with the version of this installation",
  async function (this: RbeeWorld, folder: string) {
    await assertVersions(this, "blep", folder);
  },
);

async function assertVersions(world: RbeeWorld, host: string, folder: string): Promise<void> {
  const version = world.network?.installation.version ?? "";
  for (const program of programs) {
    const said = await world.host(host).shell(`${folder}/${program} --version`);
    assert.ok(said.includes(version), `${program} says ${said}`);
  }
}

Then("no program was sent again", function (this: RbeeWorld) {
  assert.match(this.run.stderr(), /\S/);
  assert.deepEqual(sendingBars(this.run), [], this.run.stderr());
});

When("some megabytes have been sent", async function (this: RbeeWorld) {
  const pattern = /[1-9]\d?% \([\d.]+ MB/;
  await this.run.waitForOutput({ stream: "stderr", pattern, timeoutMs: 60_000 });
  this.facts.set("sent", sendingBars(this.run)[0]?.totalMegabytes);
});

Then("less was sent than before", function (this: RbeeWorld) {
  const total = sendingBars(this.run)[0]?.totalMegabytes;
  assert.ok(total !== undefined, this.run.stderr());
  assert.ok(total < this.fact<number>("sent"), `${total} MB were sent`);
});

Then(
  "one of the two installations was done, and the other was too or has told why not",
  async function (this: RbeeWorld) {
    const runs = [this.run, this.terminals.get("other")].filter((run) => run !== undefined);
    const ends = await Promise.all(runs.map((run) => run.ended));
    const told = runs.map((run) => run.stderr()).join("\n");
    assert.ok(
      ends.some((end) => end.code === 0),
      told,
    );
    for (const [index, end] of ends.entries()) {
      if (end.code !== 0) assert.match(runs[index]?.stderr() ?? "", /INSTALL_RUNNING/);
    }
  },
);

Then(
  "within {int} seconds mac is shown as {word}",
  async function (this: RbeeWorld, seconds: number, status: string) {
    const startedAt = performance.now();
    const find = async () => {
      const node = (await listNodes(this)).find((one) => one.node_name === "mac");
      return node?.status === status;
    };
    await eventually(find, { timeoutMs: seconds * 1000, what: `mac as ${status}` });
    assert.ok(performance.now() - startedAt <= (seconds + 1) * 1000);
  },
);
