// How the keeper finds, starts, shares, owns and refuses queens. Each test has a box of its own.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { TestContext } from "node:test";
import { copyInstallation, createBox, eventually } from "@rbee/testkit";
import type { Box, BoxOptions, ProgramRun } from "@rbee/testkit";
import { useScriptedWorker } from "../test/scripted-worker.ts";

async function openBox(context: TestContext, options: BoxOptions = {}): Promise<Box> {
  const box = await createBox(options);
  context.after(() => box.close());
  useScriptedWorker(box, ["--token-ms", "20"]);
  return box;
}

const shortAnswer = ["infer", "x", "--max-tokens", "3"];

function countQueens(box: Box): number {
  return box.processes().filter(({ program }) => program === "queen-rbee").length;
}

async function startLongAnswer(box: Box, words: readonly string[] = []): Promise<ProgramRun> {
  const run = await box.start("rbee-keeper", ["infer", "x", "--max-tokens", "5000", ...words]);
  await run.waitForOutput({ stream: "stdout", pattern: /\S/ });
  return run;
}

describe("a queen that is missing", () => {
  it("is started once when two commands need her at the same moment", async (context) => {
    const box = await openBox(context);
    const runs = await Promise.all([box.keeper(shortAnswer), box.keeper(shortAnswer)]);
    for (const run of runs) assert.equal(run.end()?.code, 0, run.stderr());
    assert.equal(countQueens(box), 1);
    const workers = await box.queen().call("listWorkers", { query: {} });
    assert.equal(workers.workers.length, 1);
  });

  it("stays when the command has ended, and can be talked to on another port", async (context) => {
    const box = await openBox(context);
    const port = String(box.queenPort + 5);
    const started = await box.keeper(["queen", "start", "--port", port]);
    assert.equal(started.end()?.code, 0, started.stderr());
    assert.match(started.stderr(), new RegExp(`--queen http://127\\.0\\.0\\.1:${port}`));
    const there = await box.keeper(["queen", "status", "--queen", `http://127.0.0.1:${port}`]);
    assert.equal(there.end()?.code, 0);
    const stopped = await box.keeper(["queen", "stop", "--port", port]);
    assert.equal(stopped.end()?.code, 0, stopped.stderr());
    assert.equal(countQueens(box), 0);
  });

  it("that ends at start is reported with its exit code and its last words", async (context) => {
    const box = await openBox(context);
    box.configure({ queen: { api_key_file: join(box.root, "no-such-key") } });
    const run = await box.keeper(["workers", "list"]);
    assert.equal(run.end()?.code, 1);
    assert.match(run.stderr(), /QUEEN_UNREACHABLE/);
    assert.match(run.stderr(), /ended at start with exit code 1/);
    assert.match(run.stderr(), /no-such-key/);
    assert.match(run.stderr(), /Its log: .*queen\.log/);
  });

  it("is not started when the URL is another machine's", async (context) => {
    const box = await openBox(context);
    const url = `http://[::ffff:127.0.0.1]:${box.queenPort}`;
    const run = await box.keeper(["workers", "list", "--queen", url]);
    assert.equal(run.end()?.code, 1);
    assert.match(run.stderr(), /QUEEN_UNREACHABLE[^]*not on this machine/);
    assert.equal(countQueens(box), 0);
  });
});

describe("another program at the queen's address", () => {
  it("is described, with how to choose another port", async (context) => {
    const box = await openBox(context);
    const server = createServer((_request, response) => {
      response.writeHead(200, { server: "cat-pictures", "content-type": "text/html" }).end("meow");
    });
    await new Promise<void>((resolve) => server.listen(box.queenPort, "127.0.0.1", resolve));
    try {
      const run = await box.keeper(shortAnswer);
      assert.equal(run.end()?.code, 1);
      assert.match(
        run.stderr(),
        /another program answers there: cat-pictures \(status 200, text\/html\)/,
      );
      assert.match(run.stderr(), /--queen http:\/\/127\.0\.0\.1:\d+/);
      const doctor = await box.keeper(["doctor"]);
      assert.equal(doctor.end()?.code, 1);
      assert.match(doctor.stdout(), /✗ Queen: another program answers.*cat-pictures/);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});

describe("a queen of another version", () => {
  it("is refused with both versions and the exact command to upgrade", async (context) => {
    const box = await openBox(context);
    const root = copyInstallation({
      from: box.installation,
      to: join(box.root, "newer"),
      version: "0.2.0",
    });
    await box.startQueenAsOperator([], { installationRoot: root });
    const run = await box.keeper(shortAnswer);
    assert.equal(run.end()?.code, 1);
    assert.match(run.stderr(), /VERSION_MISMATCH/);
    assert.match(run.stderr(), /rbee-keeper: v0\.1\.0\n.*queen-rbee: v0\.2\.0/);
    assert.match(run.stderr(), /Upgrade rbee-keeper to v0\.2\.0: cd .* && git .*checkout v0\.2\.0/);
  });
});

describe("a queen with a key", () => {
  it("is served from the same configuration, and a wrong key names host and files", async (context) => {
    const box = await openBox(context);
    const [right, wrong] = [join(box.root, "queen.key"), join(box.root, "wrong.key")];
    writeFileSync(right, "the-right-key-of-the-queen\n", { mode: 0o600 });
    writeFileSync(wrong, "not-the-right-key-at-all\n", { mode: 0o600 });
    box.configure({ queen: { api_key_file: right } });
    const served = await box.keeper(["workers", "list"]);
    assert.equal(served.end()?.code, 0, served.stderr());
    box.configure({ keeper: { api_key_file: wrong } });
    const refused = await box.keeper(["workers", "list"]);
    assert.equal(refused.end()?.code, 1);
    assert.match(refused.stderr(), /Authentication failed.*\[INVALID_API_KEY\]/);
    assert.match(refused.stderr(), new RegExp(`Invalid key for 127\\.0\\.0\\.1:${box.queenPort}`));
    assert.ok(refused.stderr().includes(`Key file in use: ${wrong}`));
    assert.ok(refused.stderr().includes(`Configuration in use: ${box.configFile}`));
    assert.ok(!refused.stderr().includes("not-the-right-key"));
    box.configure({ keeper: { api_key_file: right } });
    const stopped = await box.keeper(["queen", "stop"]);
    assert.equal(stopped.end()?.code, 0, stopped.stderr());
  });
});

describe("--ephemeral", () => {
  it("leaves nothing: everything is gone before the command exits 0", async (context) => {
    const box = await openBox(context);
    const run = await box.keeper([...shortAnswer, "--ephemeral"]);
    assert.equal(run.end()?.code, 0, run.stderr());
    assert.deepEqual(box.processes(), []);
    assert.match(run.stderr().trimEnd().split("\n").at(-1) ?? "", /^3 tokens, /);
  });

  it("cleans up after an error and after Ctrl+C too, and as a setting for every command", async (context) => {
    const box = await openBox(context);
    const failed = await box.keeper(["infer", "x", "--model", "nope", "--ephemeral"]);
    assert.equal(failed.end()?.code, 1);
    assert.deepEqual(box.processes(), []);
    const run = await startLongAnswer(box, ["--ephemeral"]);
    run.signal("SIGINT");
    assert.equal((await run.ended).code, 130);
    assert.deepEqual(box.processes(), []);
    box.configure({ keeper: { ephemeral: true } });
    const listed = await box.keeper(["workers", "list"]);
    assert.equal(listed.end()?.code, 0, listed.stderr());
    assert.deepEqual(box.processes(), []);
  });

  it("cleans up even when the keeper is killed", async (context) => {
    const box = await openBox(context);
    const run = await startLongAnswer(box, ["--ephemeral"]);
    box.signal(run.pid, "SIGKILL");
    await run.ended;
    await eventually(() => box.processes().length === 0, { timeoutMs: 30_000 });
  });

  it("uses a queen that runs, says so, and leaves her alone", async (context) => {
    const box = await openBox(context);
    await box.startQueenAsOperator();
    const run = await box.keeper([...shortAnswer, "--ephemeral"]);
    assert.equal(run.end()?.code, 0, run.stderr());
    assert.match(run.stderr(), /queen-rbee runs already: it is used, and left running/);
    assert.equal(countQueens(box), 1);
  });
});
