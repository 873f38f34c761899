import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { Given, Then, When } from "@cucumber/cucumber";
import { startHub } from "@rbee/testkit";
import type { Hub } from "@rbee/testkit";
import { hubModel } from "../support/models.ts";
import { dataLinesOf, sendRaw } from "../support/raw-request.ts";
import { configureHost } from "../support/three-hosts.ts";
import type { RbeeWorld } from "../world.ts";

const file = "hello-5mb.Q8_0.gguf";
const megabyte = 1_048_576;
const token = "hf_ofTheOneWhoMayReadIt";
const always = 1000;

Given("a hub with a model of 5 MB", async function (this: RbeeWorld) {
  const path = hubModel(this);
  assert.equal(statSync(path).size, 5 * megabyte);
  const hub = await startHub({ host: this.network?.gateway ?? "" });
  this.cleanups.push(() => hub.close());
  const files = { [file]: { path }, "README.md": { text: "# Bees" } };
  await hub.publish({ name: "bees/hello-GGUF", files });
  await hub.publish({ name: "bees/gated-GGUF", files, access: "gated", tokens: [token] });
  await hub.publish({ name: "bees/private-GGUF", files, access: "private", tokens: [token] });
  this.facts.set("hub", hub);
  this.facts.set(
    "digest of the model",
    createHash("sha256").update(readFileSync(path)).digest("hex"),
  );
  this.names.set("TINY", "hf:bees/hello-GGUF");
  // The hosts know the hub by its name.
  const endpoint = `http://hub:${new URL(hub.url).port}`;
  for (const { name } of this.hosts) {
    await configureHost(this, name, { hive: { hub_endpoint: endpoint } });
  }
});

function faults(world: RbeeWorld): Hub["faults"] {
  return world.fact<Hub>("hub").faults;
}

Given("the hub sends {int} MB a second", function (this: RbeeWorld, megabytes: number) {
  faults(this).add([{ kind: "slow", bytesPerSecond: megabytes * megabyte, times: always }]);
});

Given("the hub resets the connection at 40 %", function (this: RbeeWorld) {
  faults(this).add([{ kind: "reset", atShare: 0.4 }]);
});

Given("the hub resets every connection at 40 %", function (this: RbeeWorld) {
  faults(this).add([{ kind: "reset", atShare: 0.4, times: always }]);
});

Given("the hub stalls at 40 %", function (this: RbeeWorld) {
  faults(this).add([{ kind: "stall", atShare: 0.4 }]);
});

Given("the hub sends a wrong byte once", function (this: RbeeWorld) {
  faults(this).add([{ kind: "corrupt", atShare: 0.7 }]);
});

When("the hub is well again", function (this: RbeeWorld) {
  faults(this).clear();
});

Given("{word} has the token for the gated model", async function (this: RbeeWorld, name: string) {
  await this.host(name).write("/home/bee/hub-token", `${token}\n`, "600");
  await configureHost(this, name, { hive: { hub_token_file: "/home/bee/hub-token" } });
});

Given("the disk for models on mac has {int} MB", async function (this: RbeeWorld, size: number) {
  await this.host("mac").mountSmallDisk("/home/bee/.local/share/rbee/models", size);
});

Then("stdout and stderr never show the token", function (this: RbeeWorld) {
  const told = this.run.stdout() + this.run.stderr();
  assert.match(told, /\w/);
  assert.equal(told.includes(token), false);
});

Then(
  "the bar of 20 cells goes up from below 40% to 100% of 5.0 MB with its speed",
  async function (this: RbeeWorld) {
    await this.end();
    const told = this.run.stderr();
    const bars = [
      ...told.matchAll(/\[([^\]]{20})\] (\d+)% \(([\d.]+) MB \/ 5\.0 MB[^)\n]*\)?.*MB\/s/g),
    ];
    const percents = bars.map(([, , percent]) => Number(percent));
    assert.ok(percents.length >= 2, told);
    assert.ok((percents[0] ?? 100) < 40, `it begins at ${percents[0]}%`);
    assert.deepEqual(
      percents,
      percents.toSorted((one, two) => one - two),
    );
    assert.match(told, /100% \(5\.0 MB \/ 5\.0 MB/);
  },
);

When("the hive on mac is asked to download the model", async function (this: RbeeWorld) {
  const key = (await this.host("blep").read("/home/bee/.rbee/keys/mac.key")).trim();
  const url = `http://${this.host("mac").address}:9200/v1/models/download`;
  const body = { model_ref: this.expand("$TINY") };
  const answer = await sendRaw(url, { key, body });
  const id = encodeURIComponent((answer.body as { download_id: string }).download_id);
  this.facts.set("answer", await sendRaw(`${url}/progress?id=${id}`, { key }));
});

Then(
  "its events tell bytes, total and speed, then the path, and the end",
  function (this: RbeeWorld) {
    const lines = dataLinesOf(this.fact<{ text: string }>("answer").text);
    assert.equal(lines.at(-1), "[DONE]");
    const events = lines.slice(0, -1).map((line) => JSON.parse(line) as Record<string, unknown>);
    const pieces = events.filter((event) => event["stage"] === "downloading");
    assert.ok(pieces.length >= 2, `${pieces.length} events`);
    const bytes = pieces.map((event) => Number(event["bytes_downloaded"]));
    assert.deepEqual(
      bytes,
      bytes.toSorted((one, two) => one - two),
    );
    assert.ok(pieces.every((event) => event["bytes_total"] === 5 * megabyte));
    assert.ok(pieces.every((event) => Number(event["speed_mbps"]) >= 0));
    assert.ok(pieces.some((event) => Number(event["speed_mbps"]) > 0));
    const complete = events.findIndex((event) => event["stage"] === "complete");
    assert.match(String(events[complete]?.["local_path"]), /^\/home\/bee\/.*\.gguf$/);
    assert.ok(complete > events.indexOf(pieces.at(-1) ?? {}));
    assert.equal(events.at(-1)?.["type"], "done");
  },
);

Then(
  "the hub was asked again from the byte at which it had broken off",
  function (this: RbeeWorld) {
    const ranges = this.fact<Hub>("hub").counters.ranges(file);
    assert.ok(ranges.length > 0, "nobody asked for a range");
    assert.equal(ranges.at(-1)?.[0], Math.floor(0.4 * 5 * megabyte));
  },
);

Then(/^the hub was asked for the content (once|twice)$/, async function (this, times: string) {
  const world = this as RbeeWorld;
  await world.end();
  assert.equal(countContent(world), times === "once" ? 1 : 2);
});

Then("the hub was asked for no content", async function (this: RbeeWorld) {
  await this.end();
  assert.equal(countContent(this), 0);
  assert.ok(this.fact<Hub>("hub").counters.served().length > 0, "nobody has asked the hub");
});

function countContent(world: RbeeWorld): number {
  const served = world.fact<Hub>("hub").counters.served("content");
  return served.filter(({ method }) => method === "GET").length;
}
