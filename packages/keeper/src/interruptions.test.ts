// Ctrl+C at every phase, a reader that has enough, and answers that break off. The testkit's worker
// program makes tokens slowly, and dies where it is told to.

import assert from "node:assert/strict";
import { readFileSync, rmSync, statSync } from "node:fs";
import { after, describe, it } from "node:test";
import { createBox, eventually } from "@rbee/testkit";
import type { Box, ProgramRun } from "@rbee/testkit";
import { useScriptedWorker } from "../test/scripted-worker.ts";

async function openBox(words: readonly string[]): Promise<Box> {
  const box = await createBox();
  useScriptedWorker(box, words);
  after(() => box.close());
  return box;
}

async function isIdle(box: Box): Promise<boolean> {
  const { workers } = await box.queen().call("listWorkers", { query: {} });
  return workers.length > 0 && workers.every(({ state }) => state === "idle");
}

async function startAnswer(box: Box, tokens = 500): Promise<ProgramRun> {
  const words = ["infer", "x", "--max-tokens", String(tokens)];
  const run = await box.start("rbee-keeper", words);
  await run.waitForOutput({ stream: "stdout", pattern: /\S/ });
  return run;
}

function partialPath(run: ProgramRun): string {
  return /Partial result: (\/tmp\/rbee-partial-[\w-]+\.txt)/.exec(run.stderr())?.[1] ?? "";
}

describe("Ctrl+C", async () => {
  const box = await openBox(["--token-ms", "30", "--layer-ms", "60"]);

  it("while the model loads ends the command with 130 and leaves the queen", async () => {
    const run = await box.start("rbee-keeper", ["infer", "x"]);
    await run.waitForOutput({ stream: "stderr", pattern: /Loading \[/ });
    run.signal("SIGINT");
    assert.equal((await run.ended).code, 130);
    assert.match(run.stderr(), /\nCanceled\.\n$/);
    assert.equal(run.stdout(), "");
    assert.notEqual(box.queenPid(), undefined);
    await eventually(() => isIdle(box), { timeoutMs: 20_000 });
  });

  it("in an answer reaches the worker: the slot is free within 5 s", async () => {
    const run = await startAnswer(box);
    run.signal("SIGINT");
    const end = await run.ended;
    assert.equal(end.code, 130);
    assert.match(run.stderr(), /\nCanceled\.\n$/);
    await eventually(() => isIdle(box), { timeoutMs: 5000 });
    const { tasks } = await box.queen().call("listTasks");
    assert.equal(
      tasks.find(({ phase }) => phase === "inferring"),
      undefined,
    );
  });

  it("of somebody else: tasks list shows the answer, and tasks cancel ends it", async () => {
    const run = await startAnswer(box);
    const list = await box.keeper(["tasks", "list"]);
    const [, id = ""] = /^(\S+) +inferring +hello-bee +localhost /m.exec(list.stdout()) ?? [];
    assert.notEqual(id, "", list.stdout());
    const canceled = await box.keeper(["tasks", "cancel", "--id", id]);
    assert.equal(canceled.end()?.code, 0, canceled.stderr());
    assert.equal(canceled.stdout(), `Request ${id} is over.\n`);
    assert.notEqual((await run.ended).code, 0);
    await eventually(() => isIdle(box), { timeoutMs: 5000 });
    const after = await box.keeper(["tasks", "list"]);
    assert.match(after.stdout(), new RegExp(`^${id} +cancelled `, "m"));
    const nothing = await box.keeper(["tasks", "cancel"]);
    assert.equal(nothing.end()?.code, 2);
  });

  it("twice leaves at once, even when the queen does not answer", async () => {
    const run = await startAnswer(box);
    const queenPid = box.queenPid() ?? 0;
    box.signal(queenPid, "SIGSTOP");
    try {
      const startedAt = performance.now();
      // One signal swallows another that comes before it was seen.
      const press = () => {
        run.signal("SIGINT");
        return run.end() !== undefined;
      };
      await eventually(press, { timeoutMs: 4000 });
      assert.equal(run.end()?.code, 130);
      assert.ok(performance.now() - startedAt < 2000);
    } finally {
      box.signal(queenPid, "SIGCONT");
    }
    await eventually(() => isIdle(box), { timeoutMs: 10_000 });
  });

  it("waits at most 5 s for a queen that does not acknowledge, and says so", async () => {
    const run = await startAnswer(box);
    const queenPid = box.queenPid() ?? 0;
    box.signal(queenPid, "SIGSTOP");
    try {
      run.signal("SIGINT");
      const startedAt = performance.now();
      assert.equal((await run.ended).code, 130);
      assert.ok(performance.now() - startedAt < 7000);
      assert.match(run.stderr(), /did not acknowledge the cancel within 5 s/);
    } finally {
      box.signal(queenPid, "SIGCONT");
    }
    await eventually(() => isIdle(box), { timeoutMs: 10_000 });
  });

  it("by SIGTERM is the same", async () => {
    const run = await startAnswer(box);
    run.signal("SIGTERM");
    assert.equal((await run.ended).code, 130);
    await eventually(() => isIdle(box), { timeoutMs: 5000 });
  });
});

describe("a reader that has enough", async () => {
  const box = await openBox(["--token-ms", "20"]);

  it("ends the command quietly and frees the slot", async () => {
    const words = ["infer", "x", "--max-tokens", "2000", "--quiet"];
    const prefix = ["sh", "-c", '"$@" | head -c 5; echo "${PIPESTATUS:-}"', "sh"];
    const run = await box.start("rbee-keeper", words, { prefix });
    assert.equal((await run.ended).code, 0, run.stderr());
    assert.equal(run.stderr(), "");
    await eventually(() => isIdle(box), { timeoutMs: 5000 });
  });
});

describe("all slots busy with --no-wait", async () => {
  const box = await openBox(["--token-ms", "30"]);

  it("is retried after 1, 2 and 4 seconds, then given up with advice", async () => {
    box.configure({ worker: { slots: 1 } });
    const busy = await startAnswer(box, 2000);
    const run = await box.keeper(["infer", "y", "--no-wait"]);
    assert.equal(run.end()?.code, 1);
    const waits = [...run.stderr().matchAll(/retrying in (\d) seconds?/g)].map(([, wait]) => wait);
    assert.deepEqual(waits, ["1", "2", "4"]);
    assert.match(run.stderr(), /ALL_SLOTS_BUSY.*\n {2}Still busy after 3 retries\./);
    assert.match(run.stderr(), /workers spawn --model <model> --slots <n>/);
    busy.signal("SIGINT");
    await busy.ended;
  });
});

describe("an answer that breaks off", () => {
  it("with its worker is kept: text on stdout, a private file, and the count of tokens", async () => {
    const box = await openBox(["--token-ms", "20", "--die-at-token", "12"]);
    const run = await box.keeper(["infer", "x", "--max-tokens", "20"]);
    assert.equal(run.end()?.code, 1, run.stderr());
    assert.match(run.stderr(), /\[SSE_CLOSED\]/);
    assert.match(run.stderr(), /Tokens generated: 1\d \/ 20/);
    const path = partialPath(run);
    assert.equal(readFileSync(path, "utf8"), run.stdout());
    assert.ok(run.stdout().length > 0);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    rmSync(path);
  });

  it("with the queen is kept too, and says what to do", async () => {
    const box = await openBox(["--token-ms", "20"]);
    const run = await startAnswer(box, 2000);
    box.signal(box.queenPid() ?? 0, "SIGKILL");
    assert.equal((await run.ended).code, 1);
    assert.match(run.stderr(), /\[SSE_CLOSED\]/);
    assert.match(run.stderr(), /Tokens generated: \d+ \/ 2000/);
    assert.match(run.stderr(), /rbee-keeper queen start/);
    const path = partialPath(run);
    assert.equal(readFileSync(path, "utf8"), run.stdout());
    rmSync(path);
  });

  it("in silence is noticed within 5 s", async () => {
    const box = await openBox(["--token-ms", "20"]);
    const run = await startAnswer(box, 2000);
    const queenPid = box.queenPid() ?? 0;
    box.signal(queenPid, "SIGSTOP");
    const startedAt = performance.now();
    const end = await run.ended;
    box.signal(queenPid, "SIGCONT");
    assert.equal(end.code, 1);
    assert.ok(performance.now() - startedAt < 8000);
    assert.match(run.stderr(), /\[CONNECTION_LOST\]/);
    rmSync(partialPath(run));
  });
});
