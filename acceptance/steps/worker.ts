import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Given, Then, When } from "@cucumber/cucumber";
import type { HiveWorker } from "@rbee/contract";
import { eventually, findProcess, isAlive, listListeningPorts } from "@rbee/testkit";
import { largeModel, slowModel } from "../support/models.ts";
import { dataLinesOf, sendRaw } from "../support/raw-request.ts";
import type { RawAnswer } from "../support/raw-request.ts";
import { useInstalledWorker, useScriptedWorker } from "../support/scripted-worker.ts";
import {
  findAddress,
  listWorkers,
  noteWorker,
  oneWorkerPid,
  waitForWorker,
  workerPids,
} from "../support/watch-workers.ts";
import type { RbeeWorld } from "../world.ts";

Given(
  "a worker program that takes {int} ms for each of {int} layers",
  function (this: RbeeWorld, layerMs: number, layers: number) {
    useScriptedWorker(this, ["--layers", String(layers), "--layer-ms", String(layerMs)]);
  },
);

Given(
  "a worker program that stops loading at layer {int} of {int}",
  function (this, layer, layers) {
    useScriptedWorker(this as RbeeWorld, ["--stick-at", `${String(layer)}/${String(layers)}`]);
  },
);

Given(
  "a worker program that exits with {int} at its start",
  function (this: RbeeWorld, code: number) {
    useScriptedWorker(this, ["--die-at-start", "--death", String(code)]);
  },
);

Given(
  /^a worker program that exits with (\d+) at layer (\d+ of \d+)$/,
  function (this: RbeeWorld, code: number, place: string) {
    const [layer = "", layers = ""] = place.split(" of ");
    useScriptedWorker(this, ["--layers", layers, "--die-at-layer", layer, "--death", String(code)]);
  },
);

Given("a worker program that never listens", function (this: RbeeWorld) {
  useScriptedWorker(this, ["--silent"]);
});

Given("a worker program that dies after {int} tokens", function (this: RbeeWorld, tokens: number) {
  useScriptedWorker(this, ["--die-at-token", String(tokens)]);
});

Given("a worker program that makes no more than {int} tokens", function (this, tokens: number) {
  useScriptedWorker(this as RbeeWorld, ["--hang-at-token", String(tokens)]);
});

Given("a worker program that ignores every request to stop", function (this: RbeeWorld) {
  useScriptedWorker(this, ["--ignore-stop"]);
});

When("the worker program is mended", function (this: RbeeWorld) {
  useInstalledWorker(this);
});

Given("a worker with one slot and a slow model", async function (this: RbeeWorld) {
  await startSlowWorker(this);
});

Given(
  "a worker with one slot and a slow model, taken by another",
  async function (this: RbeeWorld) {
    await startSlowWorker(this);
    await takeSlot(this, []);
  },
);

async function startSlowWorker(world: RbeeWorld): Promise<void> {
  const reference = `file:${await slowModel(world)}`;
  world.names.set("SLOW", reference);
  world.names.set("MODEL", reference);
  const run = await world.startKeeper("rbee-keeper workers spawn --slots 1 --model $SLOW");
  assert.equal((await run.ended).code, 0, run.stderr());
  await noteWorker(world);
}

Given(
  "another request takes that slot for about {int} seconds",
  async function (this: RbeeWorld, seconds: number) {
    await takeSlot(this, ["--timeout", String(seconds)]);
  },
);

Given("another request takes that slot for a long time", async function (this: RbeeWorld) {
  await takeSlot(this, []);
});

async function takeSlot(world: RbeeWorld, words: readonly string[]): Promise<void> {
  const line = "rbee-keeper infer --raw --model $SLOW --prompt bees --max-tokens 4000";
  const other = await world.startKeeper(`${line} --temperature 0 ${words.join(" ")}`);
  world.terminals.set("other", other);
  await other.waitForOutput({ stream: "stdout", pattern: /\S/, timeoutMs: 20_000 });
}

Then("the worker listens on port {word}", async function (this: RbeeWorld, portName: string) {
  const port = Number(this.expand(portName));
  const worker = await waitForWorker(this, (one) => one.url !== null);
  assert.equal(worker.url, `http://127.0.0.1:${port}`);
  assert.ok(listListeningPorts().has(port));
});

Given("the worker is idle", async function (this: RbeeWorld) {
  const worker = await waitForWorker(this, (one) => one.state === "idle");
  assert.equal(worker.slots_available, worker.slots_total);
});

Then("the worker becomes idle", async function (this: RbeeWorld) {
  const worker = await waitForWorker(this, (one) => one.state === "idle");
  assert.ok(worker.slots_total >= 1);
});

Then("nobody can see its key among the processes or in the logs", async function (this: RbeeWorld) {
  const pid = oneWorkerPid(this);
  const { id } = await waitForWorker(this, (one) => one.url !== null);
  const { key } = await findAddress(this, id);
  assert.ok(key.length >= 16);
  const logs = ["hive.log", `worker-${id}.log`].map((name) => join("logs", name));
  const isWritten = (name: string) => existsSync(join(this.box.rbeeHome, name));
  await eventually(() => logs.every(isWritten), { what: logs.join(" and ") });
  const places = [
    findProcess(pid)?.command ?? "",
    readFileSync(`/proc/${pid}/environ`, "utf8"),
    ...logs.map((name) => readFileSync(join(this.box.rbeeHome, name), "utf8")),
  ];
  for (const text of places) assert.equal(text.includes(key), false, text);
});

Then("the same worker has answered", async function (this: RbeeWorld) {
  const before = this.fact<HiveWorker>("worker");
  const workers = await listWorkers(this);
  assert.deepEqual(
    workers.map((one) => [one.id, one.pid]),
    [[before.id, before.pid]],
  );
  assert.match(this.run.stdout(), /\w/);
});

Then("it is the same worker as before", async function (this: RbeeWorld) {
  const before = this.fact<HiveWorker>("worker");
  const workers = await listWorkers(this);
  assert.deepEqual(
    workers.map((one) => [one.id, one.pid]),
    [[before.id, before.pid]],
  );
});

Then("another worker has answered", async function (this: RbeeWorld) {
  const before = this.fact<HiveWorker>("worker");
  const now = await waitForWorker(this, (one) => one.state === "idle");
  assert.notEqual(now.pid, before.pid);
  assert.match(this.run.stdout(), /\w/);
});

Then("no worker runs", async function (this: RbeeWorld) {
  await eventually(() => workerPids(this).length === 0, { timeoutMs: 2000 }).catch(() => {});
  assert.deepEqual(workerPids(this), []);
});

Then("no worker runs within {int} seconds", async function (this: RbeeWorld, seconds: number) {
  await eventually(() => workerPids(this).length === 0, {
    timeoutMs: seconds * 1000,
    what: "the end of all workers",
  });
});

Then("{int} workers run", function (this: RbeeWorld, count: number) {
  assert.equal(workerPids(this).length, count);
});

When(
  "the worker has been idle for {int} seconds",
  async function (this: RbeeWorld, seconds: number) {
    const worker = await waitForWorker(this, (one) => one.last_activity !== null);
    const idleFrom = Date.parse(String(worker.last_activity));
    await eventually(() => Date.now() - idleFrom >= seconds * 1000);
  },
);

Then(
  "the worker is gone within {int} seconds and the hive's list is empty",
  async function (this: RbeeWorld, seconds: number) {
    const { pid } = this.fact<HiveWorker>("worker");
    assert.ok(pid !== null);
    await eventually(() => !isAlive(pid), { timeoutMs: seconds * 1000, what: "the worker's end" });
    const workers = await eventually(async () => {
      const listed = await listWorkers(this);
      return listed.length === 0 ? listed : undefined;
    });
    assert.deepEqual(workers, []);
  },
);

When("the worker is halted", function (this: RbeeWorld) {
  this.interruptedAt = performance.now();
  this.box.signal(oneWorkerPid(this), "SIGSTOP");
});

When("the worker is killed", async function (this: RbeeWorld) {
  const pid = oneWorkerPid(this);
  this.box.signal(pid, "SIGKILL");
  await eventually(() => !isAlive(pid));
});

When("the worker is halted while it loads", async function (this: RbeeWorld) {
  await this.run.waitForOutput({ stream: "stderr", pattern: /[1-9]\d*\/\d+ layers/ });
  this.box.signal(oneWorkerPid(this), "SIGSTOP");
});

Then(
  "the worker answers that it is ready, idle, and that the model is loaded",
  async function (this: RbeeWorld) {
    const { id } = await waitForWorker(this, (one) => one.state === "idle");
    const { url, key } = await findAddress(this, id);
    const { status, body } = await sendRaw(`${url}/v1/ready`, { key });
    assert.equal(status, 200);
    const { capabilities, ...said } = body as {
      readonly capabilities?: { readonly chat?: boolean };
    };
    assert.deepEqual(said, { ready: true, state: "idle", model_loaded: true });
    // Beyond the specification: what this model can do.
    assert.equal(capabilities?.chat, true);
  },
);

When(
  "the worker is asked with its key for {int} tokens of {string}",
  async function (this: RbeeWorld, tokens: number, prompt: string) {
    const { id } = await waitForWorker(this, (one) => one.url !== null);
    const { url, key } = await findAddress(this, id);
    const body = { prompt, max_tokens: tokens, temperature: 0 };
    this.facts.set("answer", await sendRaw(`${url}/v1/inference`, { key, body }));
  },
);

When("the worker is asked without a key", async function (this: RbeeWorld) {
  await askWithKey(this, undefined);
});

When("the worker is asked with a wrong key", async function (this: RbeeWorld) {
  await askWithKey(this, "a-key-that-nobody-gave-out");
});

async function askWithKey(world: RbeeWorld, key: string | undefined): Promise<void> {
  const { url } = await waitForWorker(world, (one) => one.url !== null);
  const body = { prompt: "hello", max_tokens: 5 };
  world.facts.set("answer", await sendRaw(`${url}/v1/inference`, { key, body }));
}

Then(
  "it streams tokens with an index from 0 without gaps, {int} in all, the duration, and the end",
  function (this: RbeeWorld, count: number) {
    const { status, text } = this.fact<RawAnswer>("answer");
    assert.equal(status, 200);
    const lines = dataLinesOf(text);
    assert.equal(lines.at(-1), "[DONE]");
    const events = lines.slice(0, -1).map((line) => JSON.parse(line) as Record<string, unknown>);
    const tokens = events.filter((event) => event["type"] === "token");
    assert.deepEqual(
      tokens.map((token) => token["index"]),
      Array.from({ length: count }, (_nothing, index) => index),
    );
    const last = events.at(-1);
    assert.equal(last?.["type"], "done");
    assert.equal(last["total_tokens"], count);
    assert.ok(Number(last["duration_ms"]) > 0);
    const terminal = events.filter(
      (event) => event["type"] === "done" || event["type"] === "error",
    );
    assert.equal(terminal.length, 1);
  },
);

Then(
  "the text so far is on stdout and in the file that the person is told",
  async function (this: RbeeWorld) {
    await this.run.ended;
    const text = this.run.stdout().trimEnd();
    assert.match(text, /\S/);
    const [path, ...others] = [...new Set(this.partialFiles([this.run]))];
    assert.ok(path !== undefined, `no file is named in:\n${this.run.stderr()}`);
    assert.deepEqual(others, []);
    assert.equal(readFileSync(path, "utf8").trimEnd(), text);
    assert.equal(statSync(path).mode & 0o777, 0o600);
  },
);

// Started by hand, as its command line allows, without a hive.
Given("a worker of my own with a large model", async function (this: RbeeWorld) {
  const model = await largeModel(this);
  const keyFile = join(this.box.root, "worker.key");
  const key = "the-key-of-my-own-worker-0123456789";
  writeFileSync(keyFile, `${key}\n`, { mode: 0o600 });
  const port = this.box.workerPortBase;
  const flags = {
    "worker-id": "worker-mine",
    model,
    "model-ref": `file:${model}`,
    backend: "cpu",
    device: "0",
    port: String(port),
    slots: "1",
    context: "512",
    "key-file": keyFile,
  };
  const words = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  this.run = await this.box.start("llm-worker-rbee", words);
  this.facts.set("own", { url: `http://127.0.0.1:${port}`, key });
});

Then(
  "while it loads it answers that it is not ready, its state and an absolute address for the progress",
  async function (this: RbeeWorld) {
    const { url, key } = this.fact<{ url: string; key: string }>("own");
    const answer = await eventually(async () => (await sendRaw(`${url}/v1/ready`, { key })).body, {
      intervalMs: 2,
      what: "an answer of the worker",
    });
    const progressUrl = `${url}/v1/loading/progress`;
    assert.deepEqual(answer, { ready: false, state: "loading", progress_url: progressUrl });
  },
);

Then(
  "its loading progress tells layers of the total, megabytes, ready and the end",
  async function (this: RbeeWorld) {
    const { url, key } = this.fact<{ url: string; key: string }>("own");
    const { text } = await sendRaw(`${url}/v1/loading/progress`, { key });
    const lines = dataLinesOf(text);
    assert.equal(lines.at(-1), "[DONE]");
    const events = lines.slice(0, -1).map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.equal(events.at(-1)?.["stage"], "ready");
    const layers = events.filter((event) => event["stage"] === "loading_to_vram");
    const loaded = layers.map((event) => Number(event["layers_loaded"]));
    assert.deepEqual(
      loaded,
      loaded.toSorted((one, two) => one - two),
    );
    assert.equal(layers.at(-1)?.["layers_total"], loaded.at(-1));
    assert.ok(Number(layers.at(-1)?.["vram_mb"]) > 0);
  },
);
