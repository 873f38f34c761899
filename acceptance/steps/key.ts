import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Given, Then, When } from "@cucumber/cucumber";
import { RbeeError } from "@rbee/contract";
import { createQueenClient } from "@rbee/sdk";
import { eventually } from "@rbee/testkit";
import type { RunOptions } from "@rbee/testkit";
import type { RbeeWorld } from "../world.ts";

Given("I have a key from `{}`", async function (this: RbeeWorld, line: string) {
  const run = await this.startKeeper(line);
  assert.equal((await run.ended).code, 0, run.stderr());
  const key = run.stdout().trim();
  assert.match(key, /^rbee_\S{43}$/, "the key, and nothing else, is on stdout");
  this.facts.set("key", key);
});

Given("its time is over", async function (this: RbeeWorld) {
  const client = createQueenClient({
    baseUrl: `http://127.0.0.1:${this.box.queenPort}`,
    key: () => this.fact<string>("key"),
  });
  const isOver = async () => {
    const end = await client.call("listTasks").catch((error: unknown) => error);
    return RbeeError.is(end, "KEY_EXPIRED");
  };
  await eventually(isOver, { what: "the end of the key" });
});

When("I run `{}` with that key", async function (this: RbeeWorld, line: string) {
  this.run = await this.startKeeper(line, withKey(this));
  await this.run.ended;
});

When("I start `{}` with that key", async function (this: RbeeWorld, line: string) {
  this.run = await this.startKeeper(line, withKey(this));
});

// As on another machine: the key in a file that the configuration names.
function withKey(world: RbeeWorld): RunOptions {
  const file = join(world.box.root, "given.key");
  writeFileSync(file, `${world.fact<string>("key")}\n`, { mode: 0o600 });
  return { environment: { RBEE_KEEPER_API_KEY_FILE: file } };
}

Then(
  "the usage of {word} is one request with {int} generated tokens",
  async function (this: RbeeWorld, name: string, tokens: number) {
    await this.end();
    const line = this.run.stdout().match(new RegExp(`^\\S+ +${name} +(.*)$`, "m"))?.[1];
    assert.ok(line !== undefined, this.run.stdout());
    const [requestsSeen, promptTokens = 0, tokensSeen] = line.trim().split(/ +/).map(Number);
    assert.deepEqual([requestsSeen, tokensSeen], [1, tokens]);
    assert.ok(promptTokens > 0, "a prompt has tokens");
  },
);
