import { RbeeError } from "@rbee/contract";
import type { Errand, NodeAccess } from "../ports.ts";
import type { HttpWorld, QueenHandler } from "./http-world.ts";
import { streamErrand } from "./request-story.ts";

/** Puts rbee on a registered machine; a hive that runs there from the version before is renewed. */
export function installNode(world: HttpWorld): QueenHandler<"installNode"> {
  const { registry, installer, nodes, logger } = world;
  return (call) => {
    world.requireOpen();
    const { node_name: name, from_git: fromGit = false } = call.body;
    const node = registry.find(name);
    if (node === undefined) throw new RbeeError("NODE_NOT_FOUND", { node: name });
    const access = nodes.require(name);
    return call.stream(async (writer) => {
      const errand = streamErrand(call, writer, logger);
      const { version, installPath, isUnchanged } = await installer.install(node, {
        story: errand.story,
        signal: errand.hop.signal,
        onProgress: (event) => void writer.send(event),
        fromGit,
      });
      if (!isUnchanged) await renewHive(world, access, errand);
      const message = isUnchanged
        ? `rbee v${version} was on ${name} already, in ${installPath}; nothing was to be done.`
        : `rbee v${version} is installed on ${name}, in ${installPath}.`;
      const where = { node_name: name, version, install_path: installPath };
      await writer.send({ type: "done", done: true, message, ...where, is_unchanged: isUnchanged });
    });
  };
}

// A program goes on with the version that it was started from.
async function renewHive(world: HttpWorld, node: NodeAccess, errand: Errand): Promise<void> {
  const { hives, view } = world;
  const health = await hives.findHealth(node);
  if (health === undefined) return;
  const say = (human: string, level: "info" | "warn" = "info") =>
    errand.story({
      type: "tell",
      line: { action: "hive-renew", target: node.name, node: node.name, human, level },
    });
  const running = `rbee-hive (process ${health.pid})`;
  if (!(await hives.isOwned(node))) {
    const start = `its operator restarts it on ${node.name} to use the new one`;
    say(`${running} goes on with the version before; ${start}`, "warn");
    return;
  }
  const busy = view
    .listWorkers()
    .filter((worker) => worker.node === node.name && worker.state !== "idle");
  if (busy.length > 0) {
    const command = `rbee-keeper hive restart --node ${node.name}`;
    say(`${running} is busy and goes on with the version before; later: ${command}`, "warn");
    return;
  }
  say(`${running} runs the version before and is idle: restarting it`);
  await hives.stop(node, errand.story, errand.hop.signal);
  const { pid, version } = await hives.ensure(node, errand);
  say(`rbee-hive v${version} runs on ${node.name} (process ${pid})`);
}
