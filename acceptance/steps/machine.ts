import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import type { Server } from "node:net";
import { join } from "node:path";
import { Given, Then, When } from "@cucumber/cucumber";
import { eventually, remains } from "@rbee/testkit";
import { findFaketime } from "../support/find-missing.ts";
import { waitForWorker } from "../support/watch-workers.ts";
import type { RbeeWorld } from "../world.ts";

Given("nothing of rbee runs on this machine", async function (this: RbeeWorld) {
  await assertNothingRuns(this, 0);
  // As a Then it follows a command, which must have been a real one.
  const run = this.run as typeof this.run | undefined;
  if (run !== undefined)
    assert.match(run.stdout() + run.stderr(), /\w/, "the command said nothing");
});

Then("nothing of rbee runs on this machine within {int} seconds", async function (this, seconds) {
  await assertNothingRuns(this as RbeeWorld, Number(seconds));
});

async function assertNothingRuns(world: RbeeWorld, seconds: number): Promise<void> {
  await eventually(() => world.box.processes().length === 0, {
    timeoutMs: seconds * 1000,
    what: "a machine without rbee",
  }).catch(() => {});
  assert.deepEqual(world.box.processes(), []);
}

Then("everything that it started was gone before it exited", async function (this: RbeeWorld) {
  await this.run.ended;
  assert.deepEqual(this.box.processes(), []);
  assert.match(this.run.stderr(), /\[queen-rbee\]|\[rbee-hive\]/, "it started nothing");
});

Then("a queen, a hive and a worker run", function (this: RbeeWorld) {
  assert.deepEqual(runningPrograms(this), ["llm-worker-rbee", "queen-rbee", "rbee-hive"]);
});

Then("one queen and one hive run", function (this: RbeeWorld) {
  const daemons = runningPrograms(this).filter((name) => name !== "llm-worker-rbee");
  assert.deepEqual(daemons, ["queen-rbee", "rbee-hive"]);
});

// The keeper's own process may take a moment to be gone from the table.
function runningPrograms(world: RbeeWorld): string[] {
  return world.box
    .processes()
    .map((entry) => entry.program ?? entry.command)
    .filter((name) => name !== "rbee-keeper")
    .toSorted();
}

Given(
  "a program that accepts connections and says nothing on port {word}",
  async function (this: RbeeWorld, port: string) {
    await listen(this, createServer(), port);
  },
);

Given("another program serves HTTP on port {word}", async function (this: RbeeWorld, port: string) {
  const server = createHttpServer((_request, response) => {
    response.writeHead(404, { "content-type": "text/html" }).end("<h1>My garden</h1>");
  });
  await listen(this, server, port);
});

async function listen(world: RbeeWorld, server: Server, portName: string): Promise<void> {
  const connections = new Set<{ destroy: () => void }>();
  server.on("connection", (socket) => connections.add(socket));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(Number(world.expand(portName)), "127.0.0.1", resolve);
  });
  world.cleanups.push(async () => {
    for (const connection of connections) connection.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
}

Given("a full disk where the logs go", function (this: RbeeWorld) {
  const folder = join(this.box.root, "full");
  mkdirSync(folder);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=16k", "tmpfs", folder]);
  this.cleanups.push(() => void execFileSync("umount", ["-l", folder]));
  try {
    writeFileSync(join(folder, "fills-it"), Buffer.alloc(64 * 1024));
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, "ENOSPC");
  }
  this.box.configure({ paths: { logs_dir: folder } });
});

Given(
  "an NVIDIA GPU with {int} MB free, as its own tool tells",
  function (this, megabytes: number) {
    const world = this as RbeeWorld;
    const path = join(world.box.binaries, "nvidia-smi");
    writeFileSync(path, nvidiaTool(megabytes));
    chmodSync(path, 0o755);
  },
);

// Answers any `--query-gpu=<fields>` in the vendor's CSV, fields in the order that was asked for.
function nvidiaTool(freeMb: number): string {
  const values = {
    index: "0",
    name: "NVIDIA GeForce RTX 3060",
    uuid: "GPU-2d4b1f0e-7f5a-4f5a-9f0e-0c8f3f1f2a3b",
    driver_version: "550.120",
    "memory.total": "8192",
    "memory.free": String(freeMb),
    "memory.used": String(8192 - freeMb),
    "temperature.gpu": "41",
    "utilization.gpu": "0",
    compute_cap: "8.6",
    "pci.bus_id": "00000000:01:00.0",
  };
  return [
    `#!${process.execPath}`,
    `const values = ${JSON.stringify(values)};`,
    `const query = process.argv.find((word) => word.startsWith("--query-gpu="));`,
    `if (query === undefined) {`,
    `  console.log("GPU 0: NVIDIA GeForce RTX 3060 (UUID: " + values.uuid + ")");`,
    `} else {`,
    `  const fields = query.slice("--query-gpu=".length).split(",");`,
    `  console.log(fields.map((field) => values[field.trim()] ?? "[N/A]").join(", "));`,
    `}`,
    "",
  ].join("\n");
}

Given("a clock that can be moved", function (this: RbeeWorld) {
  const clock = join(this.box.root, "clock");
  writeFileSync(clock, "+0");
  this.runOptions = {
    environment: {
      LD_PRELOAD: findFaketime() ?? "",
      FAKETIME_TIMESTAMP_FILE: clock,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    },
  };
});

Given("the clocks of other programs are right", function (this: RbeeWorld) {
  this.runOptions = {};
});

When("the clock jumps by {int} seconds", function (this: RbeeWorld, seconds: number) {
  const sign = seconds < 0 ? "-" : "+";
  writeFileSync(join(this.box.root, "clock"), `${sign}${Math.abs(seconds)}`);
});

Then("after {int} seconds the worker is idle", async function (this: RbeeWorld, seconds: number) {
  await remains(() => this.box.processes().some((one) => one.program === "llm-worker-rbee"), {
    forMs: seconds * 1000,
    what: "the worker's life",
  });
  await waitForWorker(this, (worker) => worker.state === "idle");
});
