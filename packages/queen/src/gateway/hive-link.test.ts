import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLogger } from "@rbee/daemon";
import { rbeePaths, Settings } from "@rbee/settings";
import { createBox, createTcpProxy, eventually } from "@rbee/testkit";
import type { Box, TcpProxy } from "@rbee/testkit";
import { createWorkerView } from "../domain/worker-view.ts";
import { openHiveLink } from "./hive-link.ts";
import type { HiveLink } from "./hive-link.ts";
import { createLocalNode } from "./local-node.ts";

// A real hive behind a line that can break.
function listenThrough(box: Box, proxy: TcpProxy): HiveLink {
  const settings = Settings.parse({ hive: { port: proxy.port } });
  const node = createLocalNode({
    installation: box.installation,
    settings,
    paths: rbeePaths({
      settings,
      environment: { RBEE_HOME: box.rbeeHome },
      homeDirectory: box.home,
    }),
    environment: {},
    configFile: undefined,
    instanceId: "queen",
  });
  return openHiveLink({
    node,
    view: createWorkerView(() => [node.name]),
    instanceId: "queen",
    connectTimeoutMs: 2000,
    heartbeatMs: 1000,
    logger: createLogger({ program: "test", sinks: [] }),
    judge: () => {},
    onChange: () => {},
    onWorkerEnd: () => {},
  });
}

async function withLink(
  run: (scene: { box: Box; proxy: TcpProxy; link: HiveLink }) => Promise<void>,
) {
  await using box = await createBox();
  const hive = await box.startHiveAsOperator();
  await using proxy = await createTcpProxy({
    host: "127.0.0.1",
    target: { host: "127.0.0.1", port: box.hivePort },
  });
  const link = listenThrough(box, proxy);
  try {
    await link.connect();
    await run({ box, proxy, link });
  } finally {
    link.close();
  }
  assert.ok(hive.pid > 0);
}

describe("the link to a hive", () => {
  it("that breaks while the hive lives ends nothing that waits for the hive", async () => {
    await withLink(async ({ proxy, link }) => {
      const waiting = link.lossSignal();
      proxy.reset();
      await eventually(() => link.health() === undefined);
      await link.connect();
      // The loss of another stream is told after that of the first would have been.
      const later = link.lossSignal();
      await proxy.close();
      await eventually(() => later.aborted, { timeoutMs: 10_000 });
      assert.equal(waiting.aborted, false);
    });
  });

  it("that breaks because the hive is gone ends what waits for it", async () => {
    await withLink(async ({ box, link }) => {
      const waiting = link.lossSignal();
      const pid = box.hivePid();
      assert.ok(pid);
      box.signal(pid, "SIGKILL");
      await eventually(() => waiting.aborted, { timeoutMs: 10_000 });
      assert.equal((waiting.reason as { code?: string }).code, "NODE_UNREACHABLE");
    });
  });
});
