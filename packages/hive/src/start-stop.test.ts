import assert from "node:assert/strict";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, it } from "node:test";
import { HiveStartLine, RbeeError } from "@rbee/contract";
import type { HiveReady } from "@rbee/contract";
import { createBox, eventually, isAlive } from "@rbee/testkit";
import type { Box, ProgramRun } from "@rbee/testkit";

const key = "a-key-of-this-test-0001";

function readLines(run: ProgramRun): HiveStartLine[] {
  const lines = run.stdout().trimEnd().split("\n");
  return lines.map((line) => HiveStartLine.parse(JSON.parse(line)));
}

function readReady(run: ProgramRun): HiveReady {
  const last = readLines(run).at(-1);
  assert.ok(last !== undefined && "ready" in last, run.stdout() + run.stderr());
  return last.ready;
}

async function startAsQueen(box: Box, words: readonly string[] = []): Promise<ProgramRun> {
  const queen = ["--node", "mac", "--started-by", "queen-of-this-test"];
  const run = await box.start("rbee-hive", ["start", ...queen, "--key-stdin", "--json", ...words], {
    stdin: `${key}\n`,
  });
  await run.ended;
  return run;
}

describe("rbee-hive start, as a queen runs it", () => {
  it("writes the key, tells the story line by line, and leaves a daemon of its own session", async () => {
    await using box = await createBox();
    const run = await startAsQueen(box);
    assert.equal(run.end()?.code, 0, run.stdout() + run.stderr());
    assert.ok(!run.end()?.isOutputHeld, "the daemon holds nothing of who started it");
    const stories = readLines(run).flatMap((line) => ("narration" in line ? [line.narration] : []));
    assert.match(stories[0]?.human ?? "", /^rbee-hive v0\.1\.0 starts on 127\.0\.0\.1:\d+$/);
    const ready = readReady(run);
    assert.equal(ready.port, box.hivePort);
    assert.ok(!ready.already_running);
    const health = await box.hive().call("health");
    assert.equal(health.pid, ready.pid);
    assert.equal(health.node, "mac");
    assert.equal(health.started_by, "queen-of-this-test");
    assert.equal(health.lease?.held, false);
    assert.ok((health.lease?.left_s ?? 0) > 50);
    const keyFile = join(box.rbeeHome, "keys/hive.key");
    assert.equal(readFileSync(keyFile, "utf8"), `${key}\n`);
    assert.equal(statSync(keyFile).mode & 0o777, 0o600);
    const session = readFileSync(`/proc/${ready.pid}/stat`, "utf8").split(") ")[1]?.split(" ")[3];
    assert.equal(Number(session), ready.pid);
    assert.match(readFileSync(join(box.rbeeHome, "logs/hive.log"), "utf8"), /rbee-hive listens/);
  });

  it("leaves one that runs as it is, with its key", async () => {
    await using box = await createBox();
    const operator = await box.startHiveAsOperator();
    const ready = readReady(await startAsQueen(box));
    assert.deepEqual(
      [ready.already_running, ready.pid, ready.started_by],
      [true, operator.pid, "operator"],
    );
    assert.throws(() => statSync(join(box.rbeeHome, "keys/hive.key")), /ENOENT/);
  });

  it("listens where the node's configuration says, else where the queen would like", async () => {
    await using box = await createBox();
    box.configure({ hive: { port: undefined } });
    const wish = ["--default-addr", `0.0.0.0:${box.hivePort}`];
    const ready = readReady(await startAsQueen(box, wish));
    assert.deepEqual([ready.host, ready.port], ["0.0.0.0", box.hivePort]);
    await stop(box, ["--port", String(box.hivePort)]);
    box.configure({ hive: { host: "127.0.0.2", port: box.hivePort + 1 } });
    const configured = readReady(await startAsQueen(box, wish));
    assert.deepEqual([configured.host, configured.port], ["127.0.0.2", box.hivePort + 1]);
    await stop(box);
  });

  it("says why it does not start, with the last lines of its log", async () => {
    await using box = await createBox();
    const foreign = createServer((_request, response) => response.writeHead(200).end("hello"));
    await new Promise<void>((resolve) => foreign.listen(box.hivePort, "127.0.0.1", resolve));
    try {
      const run = await startAsQueen(box);
      assert.equal(run.end()?.code, 1);
      const last = readLines(run).at(-1);
      assert.ok(last !== undefined && "error" in last);
      assert.equal(last.error.code, "HIVE_START_FAILED");
      assert.equal(last.error.details["node"], "mac");
      assert.equal(last.error.details["exit_code"], 1);
      assert.match(String(last.error.details["last_lines"]), /port \d+ is taken/);
    } finally {
      foreign.close();
    }
  });

  it("starts nothing when the key does not come whole", async () => {
    await using box = await createBox();
    for (const stdin of ["", "short\n", "two words of a long key\n"]) {
      const run = await box.start("rbee-hive", ["start", "--key-stdin", "--json"], { stdin });
      assert.equal((await run.ended).code, 1, stdin);
      const last = readLines(run).at(-1);
      assert.ok(last !== undefined && "error" in last);
      assert.equal(last.error.code, "INSECURE_SECRET");
    }
    assert.deepEqual(box.processes(), []);
  });

  it("opens no port to the network without a key", async () => {
    await using box = await createBox({ settings: { hive: { host: "0.0.0.0" } } });
    const run = await box.start("rbee-hive", ["start"]);
    assert.equal((await run.ended).code, 1);
    assert.match(run.stderr(), /INSECURE_BIND/);
  });
});

describe("rbee-hive start and stop, as a person runs them", () => {
  it("tell where it runs, and that it has stopped", async () => {
    await using box = await createBox();
    const started = await box.start("rbee-hive", ["start"]);
    assert.equal((await started.ended).code, 0, started.stderr());
    assert.match(started.stdout(), /rbee-hive v0\.1\.0 runs at 127\.0\.0\.1:\d+ \(process \d+\)/);
    const pid = Number(box.hivePid());
    assert.equal((await box.hive().call("health")).started_by, "operator");
    const stopped = await stop(box);
    assert.match(stopped.stdout(), /has stopped \(gracefully\)/);
    assert.ok(!isAlive(pid));
    assert.match(
      (await stop(box)).stdout(),
      /No rbee-hive runs here: nothing answers at http:\/\/127\.0\.0\.1:\d+/,
    );
  });

  it("stop one whose key is another by a signal", async () => {
    await using box = await createBox();
    mkdirSync(join(box.rbeeHome, "keys"), { recursive: true, mode: 0o700 });
    const keyFile = join(box.rbeeHome, "keys/hive.key");
    writeFileSync(keyFile, `${key}\n`, { mode: 0o600 });
    await box.startHiveAsOperator();
    writeFileSync(keyFile, `${key}-other\n`, { mode: 0o600 });
    const pid = Number(box.hivePid());
    assert.equal((await stop(box)).end()?.code, 0);
    await eventually(() => !isAlive(pid));
  });
});

describe("the events of a hive that a queen started", () => {
  it("are refused to another queen, who hears whose hive it is", async () => {
    await using box = await createBox();
    const run = await box.startHiveAsOperator(["--started-by", "queen-one", "--node", "mac"]);
    const events = box.hive().stream("events", { query: { queen: "queen-two" } });
    await assert.rejects(events, (error) => {
      assert.ok(RbeeError.is(error, "HIVE_TAKEN"));
      assert.equal(error.details.started_by, "queen-one");
      return (error.details.lease_left_s ?? 0) > 50;
    });
    assert.equal(run.end(), undefined);
  });
});

async function stop(box: Box, words: readonly string[] = []): Promise<ProgramRun> {
  const run = await box.start("rbee-hive", ["stop", ...words]);
  await run.ended;
  return run;
}
