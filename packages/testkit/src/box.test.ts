import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { createBox } from "./box.ts";
import { eventually } from "./eventually.ts";
import { isAlive } from "./process-table.ts";

// Programs that are not rbee at all: the testkit is tested without the product.
const speaking = `
  process.stdout.write("once ");
  process.stderr.write("[keeper] hello\\n");
  setTimeout(() => { process.stdout.write("upon"); process.exitCode = 3; }, 50);
`;
const staying = `
  const { spawn } = await import("node:child_process");
  const { createServer } = await import("node:http");
  if (process.argv.includes("listen")) {
    createServer().listen(Number(process.argv.at(-1)), () => process.stdout.write("up"));
  } else {
    const words = [process.argv[1], "listen", process.argv.at(-1)];
    spawn(process.execPath, words, { detached: true, stdio: "ignore" }).unref();
  }
`;

const roots: string[] = [];
after(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

function writeInstallation(programs: { keeper: string; hive?: string }): string {
  const root = mkdtempSync(join(tmpdir(), "rbee-testkit-test-"));
  roots.push(root);
  mkdirSync(join(root, "models"));
  writeFileSync(join(root, "keeper.mjs"), programs.keeper);
  writeFileSync(join(root, "other.mjs"), programs.hive ?? speaking);
  const manifest = {
    version: "9.8.7",
    programs: {
      "rbee-keeper": "keeper.mjs",
      "queen-rbee": "other.mjs",
      "rbee-hive": "other.mjs",
      "llm-worker-rbee": "other.mjs",
    },
    models: "models",
    worker_manifest: "worker.json",
  };
  writeFileSync(join(root, "rbee.json"), JSON.stringify(manifest));
  return root;
}

describe("a box", () => {
  it("records what a program says, when, and how it ends", async () => {
    await using box = await createBox({
      installationRoot: writeInstallation({ keeper: speaking }),
    });
    const run = await box.keeper(["infer"]);
    assert.equal(run.stdout(), "once upon");
    assert.equal(run.stderr(), "[keeper] hello\n");
    assert.equal(run.end()?.code, 3);
    const pieces = run.pieces.filter((piece) => piece.stream === "stdout");
    // A busy machine may hand over both words at once.
    assert.equal(pieces.map((piece) => piece.text).join(""), "once upon");
    const times = pieces.map((piece) => piece.atMs);
    assert.ok(Number(times[0]) > 0);
    assert.deepEqual(
      times,
      times.toSorted((left, right) => left - right),
    );
  });

  it("gives programs a home, a configuration and ports of their own", async () => {
    const keeper = `console.log(JSON.stringify(process.env)); console.error("x")`;
    await using box = await createBox({ installationRoot: writeInstallation({ keeper }) });
    await using other = await createBox({ installationRoot: box.installation.root });
    box.configure({ timeouts: { idle_worker: 2 } });
    const environment = JSON.parse((await box.keeper([])).stdout()) as Record<string, string>;
    assert.equal(environment["HOME"], box.home);
    assert.equal(environment["RBEE_HOME"], box.rbeeHome);
    assert.notEqual(box.rbeeHome, other.rbeeHome);
    assert.notEqual(box.queenPort, other.queenPort);
    const text = readFileSync(box.configFile, "utf8");
    assert.match(text, new RegExp(`port = ${box.queenPort}`));
    assert.match(text, /idle_worker = 2/);
  });

  it("refuses to be closed while a process of its own lives on, and ends that process", async () => {
    const box = await createBox({
      installationRoot: writeInstallation({ keeper: staying }),
      leakGraceMs: 500,
    });
    await box.keeper([String(box.workerPortBase)]);
    const left = await eventually(() => box.processes()[0]);
    await assert.rejects(box.close(), (error: Error) => {
      assert.match(error.message, new RegExp(`process ${left.pid} .* lives`));
      assert.match(error.message, new RegExp(`port ${box.workerPortBase} is still bound`));
      return true;
    });
    await eventually(() => !isAlive(left.pid));
    assert.equal(existsSync(box.root), false);
  });

  it("refuses to be closed over a pid file of a process that is gone", async () => {
    const box = await createBox({
      installationRoot: writeInstallation({ keeper: speaking }),
      leakGraceMs: 500,
    });
    const gone = await box.keeper([]);
    mkdirSync(join(box.rbeeHome, "run"), { recursive: true });
    writeFileSync(join(box.rbeeHome, "run/queen.pid"), `${gone.pid}\n`);
    await assert.rejects(box.close(), /queen\.pid names a process that is gone/);
  });

  it("stops a program that was left running, without calling it a leak", async () => {
    const keeper = `setInterval(() => {}, 1000)`;
    const box = await createBox({ installationRoot: writeInstallation({ keeper }) });
    const run = await box.start("rbee-keeper", []);
    await box.close();
    assert.equal(run.end()?.signal, "SIGTERM");
  });

  it("sends no signal to a process of somebody else", async () => {
    await using box = await createBox({
      installationRoot: writeInstallation({ keeper: speaking }),
    });
    assert.throws(() => box.signal(process.pid, "SIGTERM"), /is not of this box/);
  });

  it("tells when a child of the program still holds its output", async () => {
    const keeper = `
      const { spawn } = await import("node:child_process");
      spawn("sleep", ["2"], { detached: true, stdio: "inherit" }).unref();
      process.exit(0);
    `;
    await using box = await createBox({ installationRoot: writeInstallation({ keeper }) });
    const run = await box.keeper([]);
    assert.equal(run.end()?.isOutputHeld, true);
  });

  it("ends a program that runs over its limit", async () => {
    const keeper = `setInterval(() => {}, 1000)`;
    await using box = await createBox({ installationRoot: writeInstallation({ keeper }) });
    const run = await box.keeper([], { limitMs: 100 });
    assert.equal(run.end()?.isOverdue, true);
    assert.equal(run.end()?.signal, "SIGKILL");
  });

  it("waits for a line and gives up when the program ends without it", async () => {
    await using box = await createBox({
      installationRoot: writeInstallation({ keeper: speaking }),
    });
    const run = await box.start("rbee-keeper", []);
    await run.waitForOutput({ stream: "stdout", pattern: /upon/ });
    await assert.rejects(
      run.waitForOutput({ stream: "stdout", pattern: /a time/ }),
      /ended before/,
    );
  });

  it("runs a copy of rbee that says another version", async () => {
    await using box = await createBox();
    const { copyInstallation } = await import("./copy-installation.ts");
    const copy = copyInstallation({
      from: box.installation,
      to: join(box.root, "copy"),
      version: "0.2.0",
    });
    await using other = await createBox({ installationRoot: copy });
    assert.equal(other.installation.version, "0.2.0");
    assert.equal(box.installation.version, "0.1.0");
    assert.ok(other.installation.programs["rbee-keeper"].startsWith(`${copy}/`));
  });
});
