import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { Given, Then, When } from "@cucumber/cucumber";
import type { RbeeWorld } from "../world.ts";

const configuration = "/home/bee/.config/rbee/config.toml";
const repository = dirname(dirname(import.meta.dirname));

Then("the person reads how to go on", async function (this: RbeeWorld) {
  await this.end();
  assert.match(this.run.stderr() + this.run.stdout(), /rbee(?:-keeper)? infer|PATH/);
});

Given("the clone is gone from blep", async function (this: RbeeWorld) {
  const blep = this.host("blep");
  await blep.shell(`umount -l ${repository}`, { user: "root" });
  assert.equal(await blep.exists(join(repository, "package.json")), false);
});

When("I run the installed `{}`", async function (this: RbeeWorld, line: string) {
  const words = this.wordsOf(line);
  this.run = await this.host("blep").start(["/home/bee/.local/bin/rbee-keeper", ...words]);
  await this.run.ended;
});

When("root runs `{}`", async function (this: RbeeWorld, line: string) {
  const words = this.wordsOf(line);
  const run = await this.network?.keeper(words, { user: "root" });
  assert.ok(run !== undefined);
  this.run = run;
});

Given("blep has the configuration {string}", async function (this: RbeeWorld, text: string) {
  await this.host("blep").write(configuration, text.replaceAll(String.raw`\n`, "\n"));
});

Then("blep still has the configuration {string}", async function (this: RbeeWorld, text: string) {
  assert.match(this.run.stdout() + this.run.stderr(), /\w/, "the command said nothing");
  assert.equal(await this.host("blep").read(configuration), text.replaceAll(String.raw`\n`, "\n"));
});
