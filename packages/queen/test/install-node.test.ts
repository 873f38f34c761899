import assert from "node:assert/strict";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { InstallEvent } from "@rbee/contract";
import { eventually, runProgram, sshHostObstacle } from "@rbee/testkit";
import { openRemoteRoad } from "./remote-node-fixture.ts";
import type { RemoteRoad } from "./remote-node-fixture.ts";

const skip = sshHostObstacle() ?? false;
const timeout = 240_000;

async function install({ cluster }: RemoteRoad, name = "mac") {
  const events: InstallEvent[] = [];
  const stream = await cluster.queen.stream("installNode", { body: { node_name: name } });
  for await (const event of stream) events.push(event);
  const actions = events.flatMap((event) => (event.type === "narration" ? [event.action] : []));
  const says = events.flatMap((event) => (event.type === "narration" ? [event.human] : []));
  return { events, actions, says, end: events.at(-1) };
}

// Any file of the version in use: without it, the version is another one than was installed.
const damage = ({ node }: RemoteRoad) => rmSync(join(node.installPath, "current/LICENSE"));

describe("the route that installs on a node", { skip, timeout }, () => {
  it("brings a copy that works, renews an idle hive of its own, and leaves nothing behind", async () => {
    await using road = await openRemoteRoad({ isInstalled: false });
    const { cluster, node } = road;
    const first = await install(road);
    assert.ok(first.end?.type === "done", JSON.stringify(first.end));
    assert.equal(first.end.version, "0.1.0");
    assert.equal(first.end.install_path, node.installPath);
    const order =
      "install-connect install-check install-checked install-assemble install-send install-unpack install-verify";
    assert.deepEqual(
      first.actions.filter((action) => order.split(" ").includes(action)),
      order.split(" "),
    );
    const sent = first.events.findLast(
      (event) => event.type === "progress" && event.stage === "sending",
    );
    assert.ok(sent?.type === "progress" && sent.stage === "sending");
    assert.equal(sent.bytes_sent, sent.bytes_total);

    await cluster.ask({ node: "mac", model: "hello-bee" }).ended;
    const before = node.pidOf("rbee-hive");
    damage(road);
    const renewed = await install(road);
    assert.match(renewed.says.join("\n"), /is idle: restarting it/);
    assert.ok(existsSync(join(node.installPath, "current/LICENSE")));
    assert.notEqual(node.pidOf("rbee-hive"), before);

    await cluster.queen.call("removeNode", { body: { node_name: "mac" } });
    assert.deepEqual(node.programs(), []);
    assert.ok(!existsSync(node.installPath));
    assert.ok(!readdirSync(node.host.home).includes(".rbee"));
  });

  it("leaves the hive of an operator alone and says so", async () => {
    await using road = await openRemoteRoad({ isInstalled: false });
    const { cluster, node } = road;
    await install(road);
    const program = join(node.installPath, "bin/rbee-hive");
    const address = `${node.host.address}:${cluster.box.hivePort}`;
    const started = await runProgram({
      command: [program, "start", "--node", "mac", "--addr", address],
      environment: { HOME: node.host.home, PATH: process.env["PATH"] ?? "" },
      directory: "/",
      limitMs: 30_000,
    });
    assert.equal((await started.ended).code, 0, started.stderr());
    await eventually(async () => (await node.hive().call("health")).status === "alive");
    const before = node.pidOf("rbee-hive");
    damage(road);
    const again = await install(road);
    assert.equal(again.end?.type, "done");
    assert.match(again.says.join("\n"), /goes on with the version before; its operator/);
    assert.equal(node.pidOf("rbee-hive"), before);
  });
});
