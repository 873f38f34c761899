// What the doctor says of a registered machine with its hive, by a real queen over real SSH.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { describe, it } from "node:test";
import type { DoctorFinding } from "@rbee/contract";
import { sshHostObstacle } from "@rbee/testkit";
import { openRemoteRoad } from "./remote-node-fixture.ts";
import type { RemoteRoad } from "./remote-node-fixture.ts";

const skip = sshHostObstacle() ?? false;

async function examine({ cluster, node }: RemoteRoad): Promise<readonly DoctorFinding[]> {
  const report = await cluster.queen.call("doctor", { query: { node: node.name } });
  assert.equal(report.node, node.name);
  return report.findings;
}

function about(findings: readonly DoctorFinding[], check: string): DoctorFinding {
  const found = findings.find((finding) => finding.check === check);
  return found ?? assert.fail(`nothing about ${check} in ${JSON.stringify(findings)}`);
}

describe("the doctor of a machine elsewhere", { skip }, () => {
  it("finds no problem where there is none, and tries the hive out", async () => {
    await using road = await openRemoteRoad();
    const findings = await examine(road);
    assert.deepEqual(
      findings.filter(({ status }) => status === "problem"),
      [],
    );
    assert.match(about(findings, "hive").found, /rbee-hive v0\.1\.0 on mac, started by this queen/);
    assert.match(about(findings, "network").found, /is open from here/);
    assert.equal(about(findings, "rbee there").status, "ok");
  });

  it("says that a closed port is gone around through SSH, and how to open it", async () => {
    // Listening on its own loopback alone, it is as closed from here as behind a firewall.
    await using road = await openRemoteRoad({ settings: { hive: { host: "127.0.0.1" } } });
    const network = about(await examine(road), "network");
    assert.equal(network.status, "warning");
    assert.match(network.found, /SSH to mac works, but .* is refused: rbee forwards it over SSH/);
    assert.match(network.advice ?? "", /sudo ufw allow \d+\/tcp/);
  });

  it("does not start a hive that is not installed, and says so", async () => {
    await using road = await openRemoteRoad({ isInstalled: false });
    const findings = await examine(road);
    assert.equal(about(findings, "rbee there").advice, "rbee-keeper setup install --node mac");
    assert.match(about(findings, "hive").found, /not started: what stands above comes first/);
  });

  it("tells that another program has the hive's port", async () => {
    await using road = await openRemoteRoad();
    const { node, cluster } = road;
    const squatter = createServer((socket) => socket.end("220 mail ready\r\n"));
    await new Promise<void>((resolve) =>
      squatter.listen(cluster.box.hivePort, node.host.address, resolve),
    );
    try {
      const findings = await examine(road);
      const hive = about(findings, "hive");
      assert.match(about(findings, "port").advice ?? "", /\[hive\] port/);
      assert.equal(hive.status, "problem");
      assert.match(hive.found, /something else answers there/);
    } finally {
      squatter.close();
    }
  });
});
