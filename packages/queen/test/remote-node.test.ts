import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import type { TaskEvent } from "@rbee/contract";
import { findInstallation } from "@rbee/settings";
import { copyInstallation, eventually, runProgram, sshHostObstacle } from "@rbee/testkit";
import { addNode, createRemoteNode, openRemoteRoad } from "./remote-node-fixture.ts";
import type { RemoteRoad } from "./remote-node-fixture.ts";
import { actionsOf, errorOf, tokensOf } from "./scripted-queen-fixture.ts";

const skip = sshHostObstacle() ?? false;

function requireDone(events: readonly TaskEvent[]): void {
  assert.equal(events.at(-1)?.type, "done", JSON.stringify(events.slice(-3)));
}

function saysOf(events: readonly TaskEvent[]): string[] {
  return events.flatMap((event) => (event.type === "narration" ? [event.human] : []));
}

async function askMac({ cluster }: RemoteRoad): Promise<TaskEvent[]> {
  return await cluster.ask({ node: "mac", model: "hello-bee" }).ended;
}

describe("a task on another machine", { skip }, () => {
  it("starts the hive there over SSH and brings the tokens, everything told in its order", async () => {
    await using road = await openRemoteRoad();
    const { cluster, node } = road;
    const logins = node.host.countLogins();
    const events = await askMac(road);
    requireDone(events);
    assert.ok(tokensOf(events).length > 0);
    const actions = actionsOf(events);
    const order = ["lookup", "hive-start", "version-check", "spawn", "worker-starting"];
    const places = order.map((action) => actions.indexOf(action));
    assert.deepEqual(
      places,
      places.toSorted((left, right) => left - right),
    );
    assert.ok(
      places.every((place) => place >= 0),
      actions.join(" "),
    );
    assert.match(saysOf(events).join("\n"), /rbee-hive v0\.1\.0 starts on 127\./);
    const [registered] = (await cluster.queen.call("listNodes")).nodes;
    assert.equal(registered?.status, "reachable");
    assert.ok((registered?.last_connected_unix ?? 0) > 0);
    assert.deepEqual(registered?.backends, ["cpu"]);
    const { workers } = await cluster.queen.call("listWorkers", { query: {} });
    assert.equal(new URL(workers[0]?.url ?? "").hostname, node.host.address);
    requireDone(await askMac(road));
    assert.ok(node.host.countLogins() - logins <= 1);
    const status = await cluster.queen.call("hiveStatus", { query: { node: "mac" } });
    assert.deepEqual([status.running, status.owned], [true, true]);
    await cluster.queen.call("shutdown", { body: undefined });
    await eventually(() => node.programs().length === 0, { timeoutMs: 30_000 });
  });

  it("says what it looked for when nothing is installed there", async () => {
    await using road = await openRemoteRoad({ isInstalled: false });
    const error = errorOf(await askMac(road));
    assert.equal(error.code, "HIVE_NOT_INSTALLED");
    const lookedFor = join(road.node.installPath, "bin/rbee-hive");
    assert.deepEqual(error.details, { node: "mac", looked_for: lookedFor });
  });

  it("uses the hive program that the configuration names", async () => {
    const program = "/opt/rbee/bin/rbee-hive";
    const remote = { binary_path: program };
    await using road = await openRemoteRoad({ queenSettings: { remote } });
    const events = await askMac(road);
    assert.equal(errorOf(events).details["looked_for"], program);
    assert.ok(saysOf(events).includes(`Starting rbee-hive on mac (${program})`));
  });

  it("says why the hive there does not start, with its last lines", async () => {
    await using road = await openRemoteRoad();
    const config = join(road.node.host.home, ".config/rbee/config.toml");
    appendFileSync(config, "\n[worker]\nmanifest = '/nowhere/worker.json'\n");
    const error = errorOf(await askMac(road));
    assert.equal(error.code, "HIVE_START_FAILED", JSON.stringify(error));
    assert.equal(error.details["exit_code"], 1);
    assert.match(String(error.details["last_lines"]), /worker\.json/);
  });

  it("relays a story and an answer past a login shell that greets", async () => {
    await using road = await openRemoteRoad({ banner: '{"ready": "not yet"}' });
    requireDone(await askMac(road));
  });
});

describe("a machine whose ports are closed from here", { skip }, () => {
  it("is reached through its SSH connection, tokens too, also after that broke", async () => {
    await using road = await openRemoteRoad({ settings: { hive: { host: "127.0.0.1" } } });
    const { cluster, node } = road;
    const { hivePort, workerPortBase } = cluster.box;
    // This machine's own hive would listen there; in this test it never runs.
    node.configure({ hive: { host: "127.0.0.1", worker_port_base: workerPortBase } });
    const events = await askMac(road);
    requireDone(events);
    const closed = `Port ${hivePort} of mac is closed from here; going through SSH`;
    assert.ok(saysOf(events).includes(closed), saysOf(events).join("\n"));
    const { workers } = await cluster.queen.call("listWorkers", { query: { node: "mac" } });
    const url = new URL(workers[0]?.url ?? "");
    assert.equal(url.hostname, "127.0.0.1");
    assert.ok(Number(url.port) < workerPortBase || Number(url.port) > workerPortBase + 10);
    const logins = node.host.countLogins();
    await node.host.stop();
    await node.host.start();
    requireDone(await askMac(road));
    assert.ok(node.host.countLogins() > logins);
    await cluster.queen.call("shutdown", { body: undefined });
    await eventually(() => node.programs().length === 0, { timeoutMs: 30_000 });
  });
});

describe("a hive that runs already on another machine", { skip }, () => {
  it("is found again by its queen after she was killed, with its workers", async () => {
    await using road = await openRemoteRoad();
    const { cluster, node } = road;
    requireDone(await askMac(road));
    const hivePid = node.pidOf("rbee-hive");
    const queenPid = Number(cluster.box.queenPid());
    cluster.box.signal(queenPid, "SIGKILL");
    await cluster.box.startQueenAsOperator();
    const logins = node.host.countLogins();
    const workers = await eventually(async () => {
      const list = await cluster.queen.call("listWorkers", { query: {} });
      return list.workers.length === 1 && list.workers;
    });
    assert.equal(workers[0]?.node, "mac");
    const events = await askMac(road);
    requireDone(events);
    assert.ok(!actionsOf(events).includes("spawn"));
    assert.equal(node.pidOf("rbee-hive"), hivePid);
    assert.equal(node.host.countLogins(), logins);
  });

  it("stops by itself when its queen was killed and none comes back", async () => {
    await using road = await openRemoteRoad();
    road.node.configure({ timeouts: { queen_lease: 2 } });
    requireDone(await askMac(road));
    road.cluster.box.signal(Number(road.cluster.box.queenPid()), "SIGKILL");
    await eventually(() => road.node.programs().length === 0, { timeoutMs: 20_000 });
  });

  it("is used when an operator started it, and outlives the queen", async () => {
    await using road = await openRemoteRoad();
    const { cluster, node } = road;
    requireDone(await askMac(road));
    const errands = await cluster.queen.stream("stopHive", { body: { node: "mac" } });
    for await (const _event of errands);
    assert.deepEqual(node.programs(), []);
    // The key that the queen put there stays; an operator's hive reads it.
    await startOnNode(road, []);
    const pid = node.pidOf("rbee-hive");
    const events = await askMac(road);
    requireDone(events);
    assert.ok(!actionsOf(events).includes("hive-start"));
    const status = await cluster.queen.call("hiveStatus", { query: { node: "mac" } });
    assert.deepEqual([status.running, status.owned], [true, false]);
    await cluster.queen.call("shutdown", { body: undefined });
    await eventually(() => cluster.box.processes().length === 0, { timeoutMs: 20_000 });
    assert.equal(node.pidOf("rbee-hive"), pid);
  });

  it("is refused when another queen started it, and left alone", async () => {
    await using road = await openRemoteRoad();
    await startOnNode(road, ["--started-by", "another-queen", "--node", "mac"]);
    const error = errorOf(await askMac(road));
    assert.equal(error.code, "HIVE_TAKEN");
    assert.equal(error.details["started_by"], "another-queen");
    assert.ok(Number(error.details["lease_left_s"]) > 0);
    await road.cluster.queen.call("shutdown", { body: undefined });
    await eventually(() => road.cluster.box.processes().length === 0, { timeoutMs: 20_000 });
    assert.ok(road.node.pidOf("rbee-hive") > 0);
  });

  it("tells both versions and what to upgrade when they differ", async () => {
    for (const [version, program, command] of [
      ["0.2.0", "rbee-keeper", /v0\.2\.0/],
      ["0.0.9", "rbee-hive", /rbee-keeper setup install --node mac/],
    ] as const) {
      await using road = await openRemoteRoad({ isInstalled: false });
      const to = join(road.node.host.folder, "other");
      const from = road.cluster.box.installation;
      copyInstallation({ from, to, version });
      road.node.install(findInstallation(to));
      const error = errorOf(await askMac(road));
      assert.equal(error.code, "VERSION_MISMATCH");
      const upgrade = error.details["upgrade"] as { program: string; to: string; command: string };
      assert.equal(upgrade.program, program);
      assert.match(upgrade.command, command);
      assert.deepEqual(error.details["theirs"], { program: "rbee-hive", version });
    }
  });

  it("names host and key file when it refuses the queen's key", async () => {
    await using road = await openRemoteRoad();
    const { cluster, node } = road;
    const keyFile = join(node.host.home, ".rbee/keys/hive.key");
    mkdirSync(dirname(keyFile), { recursive: true, mode: 0o700 });
    writeFileSync(keyFile, "a-key-of-the-operator-0001\n", { mode: 0o600 });
    await startOnNode(road, []);
    const error = errorOf(await askMac(road));
    assert.equal(error.code, "INVALID_API_KEY");
    const ownFile = join(cluster.box.rbeeHome, "keys/mac.key");
    assert.deepEqual(error.details, {
      program: "rbee-hive",
      host: node.host.address,
      node: "mac",
      key_file: ownFile,
    });
  });
});

async function startOnNode({ cluster, node }: RemoteRoad, words: readonly string[]): Promise<void> {
  const program = join(node.installPath, "bin/rbee-hive");
  const at = ["--port", String(cluster.box.hivePort)];
  const run = await runProgram({
    command: [program, "start", ...at, ...words],
    environment: { HOME: node.host.home, PATH: process.env["PATH"] ?? "" },
    directory: node.host.home,
  });
  assert.equal((await run.ended).code, 0, run.stderr());
}

describe("a hive on another machine that fails", { skip }, () => {
  it("is told as soon as it crashes, and started anew for the next task", async () => {
    await using road = await openRemoteRoad();
    const { cluster, node } = road;
    requireDone(await askMac(road));
    const pid = node.pidOf("rbee-hive");
    process.kill(pid, "SIGKILL");
    await eventually(
      async () => (await cluster.queen.call("listWorkers", { query: {} })).workers.length === 0,
      { timeoutMs: 5000 },
    );
    requireDone(await askMac(road));
    assert.notEqual(node.pidOf("rbee-hive"), pid);
  });

  it("is missed after three heartbeats, which ends what waits for it, and is heard again by itself", async () => {
    const timeouts = { heartbeat: 0.4 };
    await using road = await openRemoteRoad({
      queenSettings: { timeouts },
      settings: { timeouts },
    });
    const { cluster, node } = road;
    requireDone(await askMac(road));
    const statusOf = async () => (await cluster.queen.call("listNodes")).nodes[0]?.status;
    node.script(["--silent"]);
    process.kill(node.pidOf("rbee-hive"), "SIGHUP");
    const spawn = cluster.queen.stream("spawnWorker", {
      body: { node: "mac", model: "hello-bee", slots: 2 },
    });
    const seen: string[] = [];
    const reading = (async () => {
      for await (const event of await spawn) {
        seen.push(event.type === "error" ? event.error.code : event.type);
      }
    })();
    await eventually(() => node.programs().length === 3);
    const pid = node.pidOf("rbee-hive");
    process.kill(pid, "SIGSTOP");
    await reading;
    assert.equal(seen.at(-1), "NODE_UNREACHABLE");
    await eventually(async () => (await statusOf()) === "unreachable");
    process.kill(pid, "SIGCONT");
    await eventually(async () => (await statusOf()) === "reachable", { timeoutMs: 15_000 });
    const { workers } = await cluster.queen.call("listWorkers", { query: { node: "mac" } });
    assert.ok(workers.some(({ state }) => state === "idle"));
  });

  it("is ended over SSH when it does not stop", async () => {
    await using road = await openRemoteRoad();
    const { cluster, node } = road;
    requireDone(await askMac(road));
    process.kill(node.pidOf("rbee-hive"), "SIGSTOP");
    const events: { human?: string; message?: string }[] = [];
    for await (const event of await cluster.queen.stream("followShutdown", {})) {
      events.push(event as { human?: string; message?: string });
    }
    const told = events.flatMap(({ human }) => human ?? []);
    assert.ok(told.includes("1/1 stopped"), told.join("\n"));
    assert.ok(told.includes("Hives stopped: 0 gracefully, 1 by force"), told.join("\n"));
    await eventually(() => node.programs().length === 0, { timeoutMs: 15_000 });
  });
});

describe("the end of a queen with several machines", { skip }, () => {
  it("stops her hives everywhere, tells how many have, and nobody had to log in again", async () => {
    await using road = await openRemoteRoad();
    const { cluster, node } = road;
    await using other = await createRemoteNode(cluster.box, "workstation");
    await addNode(cluster, other);
    const logins = () => node.host.countLogins() + other.host.countLogins();
    const before = logins();
    for (const name of ["mac", "workstation", "localhost"]) {
      const stream = await cluster.queen.stream("startHive", { body: { node: name } });
      for await (const event of stream) assert.notEqual(event.type, "error", JSON.stringify(event));
    }
    const told: string[] = [];
    for await (const event of await cluster.queen.stream("followShutdown", {})) {
      if (event.type === "narration") told.push(event.human);
      else assert.equal(event.type, "done");
    }
    for (const line of ["1/3 stopped", "2/3 stopped", "3/3 stopped"]) {
      assert.ok(told.includes(line), told.join("\n"));
    }
    assert.ok(told.includes("Hives stopped: 3 gracefully, 0 by force"), told.join("\n"));
    assert.deepEqual([...node.programs(), ...other.programs()], []);
    assert.equal(logins(), before);
  });

  it("is not held up by a machine that is gone, whose hive goes by itself", async () => {
    await using road = await openRemoteRoad({
      queenSettings: { timeouts: { connect: 1 } },
      settings: { timeouts: { queen_lease: 2, heartbeat: 0.5 } },
    });
    const { cluster, node } = road;
    requireDone(await askMac(road));
    const pid = node.pidOf("rbee-hive");
    process.kill(pid, "SIGSTOP");
    node.host.freeze();
    const startedAt = performance.now();
    const told: string[] = [];
    for await (const event of await cluster.queen.stream("followShutdown", {})) {
      if (event.type === "narration") told.push(event.human);
    }
    assert.ok(performance.now() - startedAt < 30_000);
    assert.match(told.join("\n"), /rbee-hive on mac is out of reach .*stops when its lease ends/);
    await eventually(() => cluster.box.processes().length === 0, { timeoutMs: 15_000 });
    node.host.unfreeze();
    process.kill(pid, "SIGCONT");
    await eventually(() => node.programs().length === 0, { timeoutMs: 20_000 });
  });
});

describe("the logs of another machine", { skip }, () => {
  it("are read over SSH when no hive answers, and followed", async () => {
    await using road = await openRemoteRoad();
    const { cluster, node } = road;
    const folder = join(node.host.home, ".rbee/logs");
    mkdirSync(folder, { recursive: true });
    const file = join(folder, "hive.log");
    writeFileSync(file, "one\ntwo\nthree\n");
    const lines: string[] = [];
    const query = { node: "mac", lines: 2 } as const;
    for await (const event of await cluster.queen.stream("logs", { query })) {
      if (event.type === "log") lines.push(event.line);
    }
    assert.deepEqual(lines, ["two", "three"]);
    const gone = new AbortController();
    const heard: string[] = [];
    const followed = await cluster.queen.stream("logs", {
      query: { ...query, lines: 0, follow: "true" },
      signal: gone.signal,
    });
    const reading = (async () => {
      for await (const event of followed) if (event.type === "log") heard.push(event.line);
    })().catch(() => {});
    await eventually(() => {
      appendFileSync(file, "four\n");
      return heard.includes("four");
    });
    gone.abort();
    await reading;
    const worker = cluster.queen.stream("logs", { query: { node: "mac", worker: "worker-0" } });
    const codes: string[] = [];
    for await (const event of await worker)
      if (event.type === "error") codes.push(event.error.code);
    assert.deepEqual(codes, ["WORKER_NOT_FOUND"]);
  });
});
