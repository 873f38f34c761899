import assert from "node:assert/strict";
import { Given, Then, When } from "@cucumber/cucumber";
import type { DataTable } from "@cucumber/cucumber";
import { errorCatalogue } from "@rbee/contract";
import type { RunOptions } from "@rbee/testkit";
import { assertInOrder, lastLineOf, linesOf, narrationOf, parsePattern } from "../support/told.ts";
import { noteWorker } from "../support/watch-workers.ts";
import type { RbeeWorld } from "../world.ts";

async function run(world: RbeeWorld, line: string, options: RunOptions = {}): Promise<void> {
  world.run = await world.startKeeper(line, options);
  await world.run.ended;
}

Given("I have run `{}`", async function (this: RbeeWorld, line: string) {
  await run(this, line);
  assert.equal((await this.end()).code, 0, `${line}\n${this.run.stderr()}`);
  this.facts.set("text", this.run.stdout());
  await noteWorker(this);
});

When("I run `{}`", async function (this: RbeeWorld, line: string) {
  await run(this, line);
});

When("I run `{}` meanwhile", async function (this: RbeeWorld, line: string) {
  const other = await this.startKeeper(line);
  assert.equal((await other.ended).code, 0, other.stderr());
  await noteWorker(this);
});

When("I run `{}` with {string} on its input", async function (this, line: string, stdin: string) {
  await run(this as RbeeWorld, line, { stdin });
});

When(
  "I run `{}` with {int} words on its input",
  async function (this, line: string, count: number) {
    await run(this as RbeeWorld, line, { stdin: "honey ".repeat(count) });
  },
);

When("I start `{}`", async function (this: RbeeWorld, line: string) {
  this.run = await this.startKeeper(line);
});

When("I start `{}` in another terminal", async function (this: RbeeWorld, line: string) {
  this.terminals.set("other", await this.startKeeper(line));
});

When("text has come", async function (this: RbeeWorld) {
  await this.run.waitForOutput({ stream: "stdout", pattern: /\S/, timeoutMs: 20_000 });
});

When("I press Ctrl+C", function (this: RbeeWorld) {
  this.interruptedAt = performance.now();
  this.run.signal("SIGINT");
});

Then("it exits with {int}", async function (this: RbeeWorld, code: number) {
  await assertExit(this, code);
});

async function assertExit(world: RbeeWorld, code: number): Promise<void> {
  const end = await world.end();
  world.facts.set("endedAt", performance.now());
  assert.equal(end.isOverdue, false, `it did not end by itself\n${world.run.stderr()}`);
  assert.equal(end.isOutputHeld, false, "something that it started holds its output");
  const told = `${world.run.stdout()}\n${world.run.stderr()}`;
  assert.equal(end.code, code, `it exited with ${end.code ?? end.signal}\n${told}`);
}

Then("the command in the other terminal exits with {int}", async function (this, code: number) {
  const other = (this as RbeeWorld).terminals.get("other");
  assert.equal((await other?.ended)?.code, code, other?.stderr());
  assert.match(other?.stdout() ?? "", /\S/);
});

Then("it ended within {int} seconds of Ctrl+C", function (this: RbeeWorld, seconds: number) {
  const elapsedMs = this.fact<number>("endedAt") - this.interruptedAt;
  assert.ok(elapsedMs <= seconds * 1000, `it took ${elapsedMs} ms`);
});

Then(
  "it ended between {int} and {int} seconds after the worker was halted",
  function (this: RbeeWorld, low: number, high: number) {
    const elapsedMs = this.fact<number>("endedAt") - this.interruptedAt;
    assert.ok(elapsedMs >= low * 1000 && elapsedMs <= high * 1000, `it took ${elapsedMs} ms`);
  },
);

Then("it took less than {int} seconds", async function (this: RbeeWorld, seconds: number) {
  const { durationMs } = await this.end();
  assert.ok(durationMs < seconds * 1000, `it took ${durationMs} ms`);
});

Then("it took between {int} and {int} seconds", async function (this, low: number, high: number) {
  const { durationMs } = await (this as RbeeWorld).end();
  assert.ok(durationMs >= low * 1000 && durationMs <= high * 1000, `it took ${durationMs} ms`);
});

Then("the keeper has left", function (this: RbeeWorld) {
  const keepers = this.box.processes().filter((entry) => entry.program === "rbee-keeper");
  assert.deepEqual(keepers, []);
  assert.notEqual(this.run.end(), undefined);
  assert.ok(this.run.stdout().length > 0);
});

Then("stdout is text and nothing else", async function (this: RbeeWorld) {
  await this.end();
  const text = this.run.stdout();
  assert.match(text, /[a-z]{2}/i, "no words on stdout");
  assert.doesNotMatch(text, /\[(?:rbee|queen|llm|model|device|http)[a-z-]*\]|tokens\/s/);
  assert.equal(text.includes("\u001B"), false, "escapes on stdout");
});

Then("the first line of stdout is {string}", function (this: RbeeWorld, line: string) {
  assert.equal(linesOf(this.run.stdout())[0], line);
});

Then("stdout names {string}", async function (this: RbeeWorld, text: string) {
  await this.end();
  assert.ok(this.run.stdout().includes(this.expand(text)), this.run.stdout());
});

Then("stdout is empty", async function (this: RbeeWorld) {
  await this.end();
  assert.equal(this.run.stdout(), "");
  assert.notEqual(this.run.stderr(), "");
});

Then("stdout is the same text as before", function (this: RbeeWorld) {
  assert.match(this.run.stdout(), /\w/);
  assert.equal(this.run.stdout(), this.fact("text"));
});

Then("stdout came in at least {int} pieces over at least {int} ms", function (this, pieces, ms) {
  const came = (this as RbeeWorld).run.pieces.filter((piece) => piece.stream === "stdout");
  const spanMs = (came.at(-1)?.atMs ?? 0) - (came[0]?.atMs ?? 0);
  assert.ok(came.length >= Number(pieces), `${came.length} pieces`);
  assert.ok(spanMs >= Number(ms), `all of it within ${spanMs} ms`);
});

Then("stdout has the node {string} in its heading", function (this: RbeeWorld, node: string) {
  assert.match(linesOf(this.run.stdout())[0] ?? "", new RegExp(node));
});

Then(
  "stdout shows the worker with a tick, its state {string} and {string}",
  function (this: RbeeWorld, state: string, ready: string) {
    const line = linesOf(this.run.stdout()).find((text) => text.includes(this.expand("$WORKER")));
    assert.ok(line !== undefined, this.run.stdout());
    assert.match(line, /✓|✔|✅|\bok\b/);
    assert.ok(line.includes(state) && line.includes(ready), line);
  },
);

Then("the followed log tells of the new worker", async function (this: RbeeWorld) {
  const id = this.expand("$WORKER");
  await this.run.waitForOutput({ stream: "stdout", pattern: new RegExp(id), timeoutMs: 5000 });
  assert.equal(this.run.end(), undefined, "it no longer follows");
});

Then("the person reads {string}", async function (this: RbeeWorld, text: string) {
  await this.run.ended;
  const told = this.run.stderr();
  assert.ok(told.includes(this.expand(text)), `"${text}" is not in:\n${told}`);
});

Then("the person reads, in this order:", async function (this: RbeeWorld, table: DataTable) {
  await this.run.ended;
  const patterns = table.raw().map(([cell = ""]) => parsePattern(this.expand(cell)));
  assertInOrder(this.run.stderr(), patterns);
});

Then("the person is told by, in this order:", function (this: RbeeWorld, table: DataTable) {
  const actors = table.raw().flat();
  assertInOrder(
    this.run.stderr(),
    actors.map((actor) => new RegExp(`\\[${actor}\\] \\S`)),
  );
});

Then("the error is {word}", async function (this: RbeeWorld, code: string) {
  await this.run.ended;
  const told = this.run.stderr();
  assert.ok(code in errorCatalogue, `${code} is not in the catalogue`);
  assert.match(told, new RegExp(`\\b${code}\\b`), told);
  const others = Object.keys(errorCatalogue).filter((other) => other !== code);
  for (const other of others) assert.doesNotMatch(told, new RegExp(`\\b${other}\\b`), told);
});

Then("the person reads an error with a next step", async function (this: RbeeWorld) {
  await this.run.ended;
  const told = this.run.stderr();
  const codes = Object.keys(errorCatalogue).filter((code) =>
    new RegExp(`\\b${code}\\b`).test(told),
  );
  assert.equal(codes.length, 1, `one error is expected: ${codes.join(", ")}\n${told}`);
  assert.match(told, /rbee-keeper |Run it again|--[a-z]+|Restart/, told);
  assert.doesNotMatch(told, /INTERNAL_ERROR|\n\s+at .+:\d+/, told);
});

Then("the person reads how the command is used", function (this: RbeeWorld) {
  assert.match(this.run.stderr(), /usage:|--help/i);
});

Then("the last line for the person is {string}", function (this: RbeeWorld, line: string) {
  assert.equal(
    lastLineOf(this.run.stderr()).replace(/^\[[a-z-]+\]\s*(?:\p{Emoji}\s*)?/u, ""),
    line,
  );
});

Then(
  "the last line for the person tells {int} token(s), the milliseconds and the tokens per second",
  function (this: RbeeWorld, tokens: number) {
    const line = lastLineOf(this.run.stderr());
    assert.match(line, new RegExp(`\\b${tokens} tokens\\b`), this.run.stderr());
    assert.match(line, /\b\d[\d,.]* ms\b/);
    assert.match(line, /\b\d[\d,.]* tokens\/s/);
  },
);

Then("the answer ended before {int} tokens", function (this: RbeeWorld, tokens: number) {
  const found = /\b(\d+) tokens\b/.exec(lastLineOf(this.run.stderr()))?.[1];
  assert.ok(found !== undefined && Number(found) < tokens, this.run.stderr());
});

Then("the person is told how to stop the queen", function (this: RbeeWorld) {
  assert.match(this.run.stderr(), /queen stop/);
});

Then("the person is advised to upgrade rbee-keeper to v0.2.0", function (this: RbeeWorld) {
  assert.match(this.run.stderr(), /upgrade rbee-keeper to v0\.2\.0: \S+/i);
});

Then("the person is advised to read the worker's log", function (this: RbeeWorld) {
  assert.match(this.run.stderr(), /rbee-keeper logs (?:--node localhost )?--worker \S+/);
});

Then(
  "the person is advised to wait, use another node or give more slots",
  function (this: RbeeWorld) {
    const told = this.run.stderr();
    assert.match(told, /wait/i);
    assert.match(told, /another node/);
    assert.match(told, /slots/);
  },
);

Then(
  "the person sees the loading go up to 32 of 32 layers with megabytes",
  function (this: RbeeWorld) {
    const told = this.run.stderr();
    const seen = [...told.matchAll(/(\d+)\s*\/\s*32 layers/g)].map((match) => Number(match[1]));
    assert.ok(seen.length >= 2, told);
    assert.deepEqual(
      seen,
      seen.toSorted((one, two) => one - two),
    );
    assert.equal(seen.at(-1), 32);
    assert.match(told, /\d MB/);
  },
);

Then("no model was looked up, checked or loaded for it", function (this: RbeeWorld) {
  assert.equal(this.run.end()?.code, 0);
  const actors = narrationOf(this.run.stderr()).map((line) => line.actor);
  assert.ok(actors.includes("queen-rbee"), this.run.stderr());
  for (const actor of ["rbee-hive", "model-provisioner", "device-manager", "model-loader"]) {
    assert.equal(actors.includes(actor), false, `${actor} spoke\n${this.run.stderr()}`);
  }
  assert.doesNotMatch(this.run.stderr(), /layers/);
});

Then("nothing was downloaded", function (this: RbeeWorld) {
  assert.equal(this.run.end()?.code, 0);
  assert.ok(narrationOf(this.run.stderr()).length > 0);
  assert.doesNotMatch(this.run.stderr(), /download|MB\/s/i);
});
