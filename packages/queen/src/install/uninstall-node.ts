import { setTimeout as wait } from "node:timers/promises";
import { timings } from "@rbee/contract";
import type { NodeErrand, RegisteredNode } from "../node-ports.ts";
import { installFailed } from "./install-failure.ts";
import { sshTargetOf } from "../node-ports.ts";
import type { InstallWorld } from "./install-on-node.ts";
import { lockNode } from "./lock-node.ts";
import { probeScript, runningScript, uninstallScript } from "./node-scripts.ts";
import { openNodeShell } from "./node-shell.ts";
import type { NodeShell } from "./node-shell.ts";
import { tellNode } from "./tell-node.ts";

const step = "removing";

/** Takes rbee away from a node; see `NodeInstaller.uninstall`. */
export async function uninstallNode(
  { ssh, instanceId }: Pick<InstallWorld, "ssh" | "instanceId">,
  node: RegisteredNode,
  errand: NodeErrand,
): Promise<{ readonly modelsPath: string | undefined }> {
  const tell = tellNode(errand, node.name);
  const target = sshTargetOf(node);
  await ssh.connect(target, { story: errand.story, signal: errand.signal });
  const shell = await openNodeShell(ssh, target, errand.signal);
  try {
    const { lines } = await shell.run(probeScript, { words: [node.installPath] });
    const installPath = valuesOf(lines, "path")[0] ?? node.installPath;
    if (valuesOf(lines, "there").length > 0) {
      await lockNode(shell, { node: node.name, installPath, owner: instanceId });
    }
    await waitForEnd(shell, { node: node.name, installPath, signal: errand.signal });
    tell("uninstall", [`removing rbee from ${node.name}`, `🧹 Removing rbee from ${node.name}`]);
    const answer = await shell.run(uninstallScript, { words: [installPath] });
    const left = valuesOf(answer.lines, "left");
    if (left.length > 0) {
      const more = left.length > 2 ? ` and ${left.length - 2} more` : "";
      const human = `left there, not this node's: ${left.slice(0, 2).join(", ")}${more}`;
      tell("uninstall-left", [human, `📎 ${human}`], { level: "warn" });
    }
    return { modelsPath: valuesOf(answer.lines, "models")[0] };
  } finally {
    await shell.close();
  }
}

interface EndInput {
  readonly node: string;
  readonly installPath: string;
  readonly signal: AbortSignal;
}

// A worker whose hive is gone notices within seconds; a hive of somebody else stays, and what it
// runs from must stay with it.
async function waitForEnd(shell: NodeShell, { node, installPath, signal }: EndInput) {
  const limit = performance.now() + timings.workerShutdownMs;
  for (;;) {
    const { lines } = await shell.run(runningScript, { words: [installPath] });
    const running = valuesOf(lines, "running");
    if (running.length === 0) return;
    if (performance.now() > limit) {
      const reason =
        "Programs of rbee run there that were not started from here: " +
        `process ${running.map((line) => line.split(" ")[0]).join(", ")}.`;
      const lastLines = [`Stop them on that machine first: ${installPath}/bin/rbee-hive stop`];
      throw installFailed(node, { step, reason, lastLines });
    }
    await wait(timings.localHiveStartPollMs * 2, undefined, { signal });
  }
}

function valuesOf(lines: readonly string[], key: string): string[] {
  return lines
    .filter((line) => line.startsWith(`${key}=`))
    .map((line) => line.slice(key.length + 1));
}
