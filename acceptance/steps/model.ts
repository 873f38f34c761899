import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Given, Then } from "@cucumber/cucumber";
import type { DataTable } from "@cucumber/cucumber";
import { ModelList } from "@rbee/contract";
import type { ModelOnWire } from "@rbee/contract";
import { findResidentBytes, writeGguf } from "@rbee/testkit";
import {
  bundledModel,
  largeModel,
  quantisedModel,
  sizedModel,
  slowModel,
} from "../support/models.ts";
import { oneWorkerPid } from "../support/watch-workers.ts";
import type { RbeeWorld } from "../world.ts";

Given("a large model", async function (this: RbeeWorld) {
  this.names.set("LARGE", `file:${await largeModel(this)}`);
});

Given("a slow model", async function (this: RbeeWorld) {
  this.names.set("SLOW", `file:${await slowModel(this)}`);
});

Given("a generated {word} model of at least 50 MB", async function (this: RbeeWorld, kind: string) {
  const path = await quantisedModel(this, kind);
  assert.ok(statSync(path).size >= 50 * 1_048_576, `${path} is too small`);
  this.names.set("GENERATED", `file:${path}`);
  this.facts.set("generated", path);
});

Given("a model file of {int} MB", function (this: RbeeWorld, megabytes: number) {
  this.names.set("SIZED", `file:${sizedModel(this, megabytes)}`);
});

Given("the text file {string}", function (this: RbeeWorld, name: string) {
  writeFileSync(join(this.box.root, name), "Buy honey.\n".repeat(100));
});

Given("a copy of the bundled model as {string}", function (this: RbeeWorld, name: string) {
  copyFileSync(bundledModel(this), join(this.box.root, name));
});

Given(
  "the first {int} bytes of the bundled model as {string}",
  function (this: RbeeWorld, count: number, name: string) {
    writeFileSync(join(this.box.root, name), readFileSync(bundledModel(this)).subarray(0, count));
  },
);

Given(
  "a model file {string} of the architecture {string}",
  function (this: RbeeWorld, name: string, architecture: string) {
    writeGguf(join(this.box.root, name), {
      metadata: { "general.architecture": architecture, "general.name": "odd" },
      tensors: [{ name: "token_embd.weight", dimensions: [32, 32], type: "F32", fill: "random" }],
    });
  },
);

Given("the database {word} is filled with rubbish", function (this: RbeeWorld, name: string) {
  const rubbish = "this is no database ".repeat(500);
  this.facts.set("rubbish", rubbish);
  writeFileSync(join(ensureRbeeHome(this), name), rubbish);
});

Then("the rubbish is kept as {word}", function (this: RbeeWorld, name: string) {
  assert.equal(readFileSync(join(this.box.rbeeHome, name), "utf8"), this.fact("rubbish"));
});

Then("the listed model {string} has:", function (this: RbeeWorld, id: string, table: DataTable) {
  const { models } = ModelList.parse(JSON.parse(this.run.stdout()));
  const model = models.find((one) => one.id === id);
  assert.ok(model !== undefined, `${id} is not among ${models.map((one) => one.id).join(", ")}`);
  this.facts.set("model", model);
  assertFields(this, model, table);
});

Then("the shown model has:", function (this: RbeeWorld, table: DataTable) {
  const [model, ...others] = ModelList.parse(JSON.parse(this.run.stdout())).models;
  assert.ok(model !== undefined && others.length === 0, this.run.stdout());
  this.facts.set("model", model);
  assertFields(this, model, table);
});

function assertFields(world: RbeeWorld, model: ModelOnWire, table: DataTable): void {
  for (const [field = "", value = ""] of table.raw()) {
    assert.equal(String(model[field as keyof ModelOnWire]), world.expand(value), field);
  }
}

Then("the time at which it came is today", function (this: RbeeWorld) {
  const { downloaded_at_unix: cameAt } = this.fact<ModelOnWire>("model");
  const ageSeconds = Date.now() / 1000 - cameAt;
  assert.ok(ageSeconds >= -1 && ageSeconds < 600, `it came ${ageSeconds} s ago`);
});

// hello-bee has two: of plain text and of a turn in a chat.
Then("its end token is one of the model's own", function (this: RbeeWorld) {
  const { eos_token_id: end } = this.fact<ModelOnWire>("model");
  assert.ok(end === 1 || end === 3, `end token ${end}`);
});

Then("the worker's memory is at least the size of the model", function (this: RbeeWorld) {
  const size = statSync(this.fact<string>("generated")).size;
  const resident = findResidentBytes(oneWorkerPid(this)) ?? 0;
  assert.ok(resident >= size, `${resident} bytes resident, the model has ${size}`);
});

Then(
  "the catalogue has the size on disk and the quantisation {word}",
  async function (this: RbeeWorld, quantisation: string) {
    const path = this.fact<string>("generated");
    const { models } = await this.box.hive().call("listModels");
    const model = models.find((one) => one.local_path === path);
    assert.equal(model?.size_bytes, statSync(path).size);
    assert.equal(model.quantization, quantisation);
  },
);

Then("the catalogue still has {int} models", async function (this: RbeeWorld, count: number) {
  const { models } = await this.box.hive().call("listModels");
  assert.equal(models.length, count);
});

function ensureRbeeHome(world: RbeeWorld): string {
  mkdirSync(world.box.rbeeHome, { recursive: true, mode: 0o700 });
  return world.box.rbeeHome;
}
