// Every command against the real programs, in one box: a queen, a hive, a worker with hello-bee.

import assert from "node:assert/strict";
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { createBox } from "@rbee/testkit";
import type { ProgramRun } from "@rbee/testkit";

const box = await createBox();
after(() => box.close());

async function succeed(words: readonly string[], stdin?: string): Promise<ProgramRun> {
  const run = await box.keeper(words, stdin === undefined ? {} : { stdin });
  assert.equal(run.end()?.code, 0, run.stderr());
  return run;
}

async function readJson<Result>(words: readonly string[]): Promise<Result> {
  return JSON.parse((await succeed([...words, "--json"])).stdout()) as Result;
}

interface Worker {
  readonly worker_id: string;
  readonly state: string;
}

async function listWorkers(): Promise<readonly Worker[]> {
  return (await readJson<{ workers: Worker[] }>(["workers", "list"])).workers;
}

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? "";
}

describe("queen and status without a queen", () => {
  it("say that nothing runs and start nothing", async () => {
    const status = await box.keeper(["queen", "status"]);
    assert.equal(status.end()?.code, 1);
    assert.match(status.stdout(), /is not running at .*rbee-keeper queen start/);
    assert.match((await succeed(["status"])).stdout(), /is not running/);
    assert.match((await succeed(["queen", "stop"])).stdout(), /No queen-rbee runs/);
    assert.deepEqual(box.processes(), []);
  });
});

describe("infer", () => {
  it("starts what is missing, tells the story on stderr, and puts only the text on stdout", async () => {
    const run = await succeed(["infer", "write a short story", "--max-tokens", "20"]);
    assert.match(run.stderr(), /starting queen-rbee at .*stop it: rbee-keeper queen stop/);
    assert.match(run.stderr(), /^\[rbee-hive\] /m);
    assert.match(run.stderr(), /Loading \[#+\] 100%/);
    assert.match(lastLine(run.stderr()), /^20 tokens, \d+ ms, \d+\.\d tokens\/s$/);
    assert.ok(!/\p{Extended_Pictographic}/u.test(run.stderr()), "no emoji in a pipe");
    assert.ok(run.stdout().length > 20);
    assert.ok(!/[[\]]/.test(run.stdout()), run.stdout());
    assert.ok(!run.stdout().endsWith("\n"), "a pipe gets the model's text to the byte");
  });

  it("gives the same text for the same seed, from argument, flag and pipe", async () => {
    const words = ["--max-tokens", "8", "--seed", "7", "--quiet"];
    const texts = [
      await succeed(["infer", "hello", ...words]),
      await succeed(["infer", "--prompt", "hello", ...words]),
      await succeed(["infer", ...words], "hello\n"),
      await succeed(["infer", "-", ...words], "hello\n"),
    ];
    assert.equal(new Set(texts.map((run) => run.stdout())).size, 1);
    assert.ok((texts[0]?.stdout() ?? "").length > 0);
    for (const run of texts) assert.equal(run.stderr(), "", "quiet says nothing");
  });

  it("prints one JSON object with --json", async () => {
    const result = await readJson<Record<string, unknown>>(["infer", "hello", "--max-tokens", "5"]);
    assert.equal(result["total_tokens"], 5);
    assert.equal(result["stop_reason"], "MAX_TOKENS");
    assert.equal(result["model"], "hello-bee");
    assert.equal(result["node"], "localhost");
  });

  it("sends the prompt as it is with --raw, and stops at --stop", async () => {
    const words = ["infer", "Once upon a time", "--raw", "--temperature", "0", "--quiet"];
    const whole = await succeed([...words, "--max-tokens", "12"]);
    const [first = ""] = whole.stdout().trim().split(" ").slice(1);
    const cut = await succeed([...words, "--max-tokens", "12", "--stop", first]);
    assert.ok(first.length > 0);
    assert.ok(!cut.stdout().includes(first), cut.stdout());
  });

  it("names the node and the command that adds it when it is not registered", async () => {
    const run = await box.keeper(["infer", "x", "--node", "mac"]);
    assert.equal(run.end()?.code, 1);
    assert.match(run.stderr(), /'mac'.*not in the rbee-hive registry/);
    assert.match(run.stderr(), /setup add-node --name mac/);
    assert.equal(run.stdout(), "");
  });

  it("tells a program in JSON on stderr what went wrong", async () => {
    const run = await box.keeper(["infer", "x", "--model", "nope", "--json", "--quiet"]);
    assert.equal(run.end()?.code, 1);
    const { error } = JSON.parse(run.stderr()) as { error: { code: string } };
    assert.equal(error.code, "INVALID_MODEL_REF");
    assert.equal(run.stdout(), "");
  });

  it("is wrong usage without a prompt, with two, and with flags that exclude each other", async () => {
    const cases = [
      ["infer"],
      ["infer", "a", "--prompt", "b"],
      ["infer", "a", "--raw", "--system", "b"],
    ];
    for (const words of cases) {
      const run = await box.keeper(words);
      assert.equal(run.end()?.code, 2, words.join(" "));
      assert.match(run.stderr(), /Usage: rbee-keeper infer \[options\] \[prompt\]/);
    }
  });

  it("gives up at its --timeout", async () => {
    const run = await box.keeper(["infer", "write a short story", "--timeout", "0.01"]);
    assert.equal(run.end()?.code, 1);
    assert.match(run.stderr(), /REQUEST_TIMEOUT/);
    const partial = /Partial result: (\S+)/.exec(run.stderr())?.[1];
    if (partial !== undefined) rmSync(partial);
  });
});

describe("workers", () => {
  it("are listed with everything that a person asks about", async () => {
    const { stdout } = await succeed(["workers", "list"]);
    assert.match(stdout(), /ID +NODE +STATE +MODEL +BACKEND:DEVICE +FREE SLOTS +MEMORY +IDLE +URL/);
    assert.match(stdout(), /worker-\S+ +localhost +idle +hello-bee +cpu:0 +\d\/\d +[\d.]+ MB/);
  });

  it("are ready under the heading of their node", async () => {
    const { stdout } = await succeed(["workers", "health", "--node", "localhost"]);
    assert.match(
      stdout(),
      /^Workers on localhost:\n {2}✓ worker-\S+ {2}state: idle {2}ready: yes$/m,
    );
    const plain = await succeed(["workers", "health", "--plain"]);
    assert.match(plain.stdout(), / {2}ok worker-/);
  });

  it("shut down when asked, and an unknown id is an error", async () => {
    const [worker] = await listWorkers();
    const run = await succeed(["workers", "shutdown", "--id", worker?.worker_id ?? ""]);
    assert.match(run.stdout(), /is gone\.$/m);
    assert.deepEqual(await listWorkers(), []);
    assert.match((await succeed(["workers", "list"])).stdout(), /^No workers\.$/m);
    const unknown = await box.keeper(["workers", "shutdown", "--id", "worker-none"]);
    assert.equal(unknown.end()?.code, 1);
    assert.match(unknown.stderr(), /There is no worker 'worker-none'/);
  });

  it("are loaded ahead of time by spawn", async () => {
    const run = await succeed(["workers", "spawn", "--model", "hello-bee", "--slots", "2"]);
    assert.match(run.stdout(), /hello-bee +cpu:0 +2\/2/);
    assert.match(run.stderr(), /^\[model-loader\] /m);
    const missing = await box.keeper(["workers", "spawn"]);
    assert.equal(missing.end()?.code, 2);
  });
});

describe("models", () => {
  it("are pulled, listed, shown, verified and removed", async () => {
    assert.match((await succeed(["models", "pull", "hello-bee"])).stdout(), /on localhost/);
    const list = await succeed(["models", "list", "--all"]);
    assert.match(list.stdout(), /localhost +hello-bee-3m-q8_0 +hello-bee +Q8_0/);
    const shown = await succeed(["models", "show", "hello-bee"]);
    assert.match(shown.stdout(), /^Quantisation: +Q8_0$/m);
    const verified = await succeed(["models", "verify"]);
    assert.match(
      verified.stdout(),
      /✓ localhost {2}hello-bee-3m-q8_0\n1 model checked, all good\./,
    );
    const removed = await succeed(["models", "rm", "hello-bee"]);
    assert.match(removed.stdout(), /Removed hello-bee-3m-q8_0 from localhost: its file was left/);
    const unknown = await box.keeper(["models", "show", "nope"]);
    assert.equal(unknown.end()?.code, 1);
    assert.match(unknown.stderr(), /MODEL_NOT_FOUND/);
  });
});

describe("status, logs and doctor", () => {
  it("show everything on one screen", async () => {
    const { stdout } = await succeed(["status"]);
    assert.match(stdout(), /^Queen +v0\.1\.0 at /m);
    assert.match(stdout(), /localhost: reachable/);
    assert.match(stdout(), /Memory +.* free of /);
    assert.match(stdout(), /worker-\S+ +localhost +idle/);
    assert.match(stdout(), /No requests\./);
  });

  it("show every setting of the queen, with where its value comes from", async () => {
    const { stdout } = await succeed(["queen", "settings"]);
    assert.ok(stdout().startsWith(`Configuration: ${box.configFile}\n\nSETTING `), stdout());
    assert.match(stdout(), new RegExp(`^queen\\.port +${box.queenPort} +file$`, "m"));
    assert.match(stdout(), /^queen\.host +"127\.0\.0\.1" +default$/m);
    const { settings } = await readJson<{ settings: unknown[] }>(["queen", "settings"]);
    assert.equal(stdout().trimEnd().split("\n").length, settings.length + 3);
  });

  it("watch until Ctrl+C, and then end with 130", async () => {
    const watch = await box.start("rbee-keeper", ["status", "--watch"]);
    await watch.waitForOutput({ stream: "stdout", pattern: /No requests\.\n/ });
    await succeed(["infer", "hello", "--max-tokens", "3", "--quiet"]);
    const screens = () => watch.stdout().split(/^Queen /m).length - 1;
    await watch.waitForOutput({ stream: "stdout", pattern: /(?:Queen [^]*){2}/ });
    watch.signal("SIGINT");
    assert.equal((await watch.ended).code, 130);
    assert.ok(screens() >= 2);
    assert.equal(watch.stderr(), "");
  });

  it("print logs of queen, hive and worker, and follow them until Ctrl+C", async () => {
    assert.match((await succeed(["logs", "--lines", "3"])).stdout(), /"program":"queen-rbee"/);
    const hive = await succeed(["logs", "--node", "localhost", "--lines", "500"]);
    assert.match(hive.stdout(), /"program":"rbee-hive"/);
    const follow = await box.start("rbee-keeper", [
      "logs",
      "--node",
      "localhost",
      "--lines",
      "500",
      "--follow",
    ]);
    await follow.waitForOutput({ stream: "stdout", pattern: /rbee-hive/ });
    const seen = follow.stdout().length;
    await succeed(["models", "pull", "hello-bee"]);
    await follow.waitForOutput({ stream: "stdout", pattern: new RegExp(`[^]{${seen + 10},}`) });
    follow.signal("SIGINT");
    assert.equal((await follow.ended).code, 130);
    assert.equal(follow.stderr(), "");
  });

  it("find no problem on a healthy machine, in the box and at the queen", async () => {
    const report = await readJson<{ problems: number; reports: { node: string }[] }>(["doctor"]);
    assert.equal(report.problems, 0);
    assert.deepEqual(
      report.reports.map(({ node }) => node),
      ["this machine", "localhost"],
    );
  });

  it("keep what belongs to one person for that person", async () => {
    assert.equal(statSync(box.rbeeHome).mode & 0o077, 0);
    assert.equal(statSync(join(box.rbeeHome, "keys/hive.key")).mode & 0o077, 0);
  });
});

describe("chat", () => {
  it("answers each line of a pipe, keeps the conversation, and resumes it", async () => {
    const words = ["--max-tokens", "6", "--temperature", "0", "--quiet"];
    const first = await succeed(["chat", ...words], "hello\nwho are you?\n");
    assert.equal(first.stdout().trimEnd().split("\n").length >= 2, true, first.stdout());
    const resumed = await succeed(["chat", "--resume", "--max-tokens", "6"], "and now?\n");
    assert.match(resumed.stderr(), /going on after 4 messages/);
  });
});

describe("hive and queen", () => {
  it("tell whether a hive runs, stop it and start it again", async () => {
    assert.match((await succeed(["hive", "status"])).stdout(), /^Hive: +running$/m);
    await succeed(["hive", "stop"]);
    assert.match((await succeed(["hive", "status"])).stdout(), /^Hive: +not running$/m);
    await succeed(["hive", "start"]);
    await succeed(["hive", "restart"]);
    const status = await readJson<{ running: boolean; owned: boolean }>(["hive", "status"]);
    assert.deepEqual([status.running, status.owned], [true, true]);
  });

  it("stop together, and leave nothing", async () => {
    assert.match((await succeed(["queen", "start"])).stdout(), /ran already at/);
    assert.match((await succeed(["queen", "status"])).stdout(), /^Queen: +running$/m);
    assert.match((await succeed(["queen", "stop"])).stdout(), /queen-rbee has stopped\./);
    assert.deepEqual(box.processes(), []);
  });
});
