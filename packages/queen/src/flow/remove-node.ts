import { RbeeError } from "@rbee/contract";
import type { RegisteredNode } from "../node-ports.ts";
import type { Errand, Story } from "../ports.ts";
import type { RegistrarWorld } from "./create-node-registrar.ts";

/**
 * Stops what this queen started there, takes rbee away, and forgets the node. A machine that cannot
 * be reached is forgotten, too; then the sentence says what may be left on it.
 */
export async function removeNode(
  world: RegistrarWorld,
  node: RegisteredNode,
  { story, hop }: Errand,
): Promise<string> {
  const { registry, ssh, hives, installer } = world;
  const { name } = node;
  let end: string;
  try {
    await stopHive(world, node, { story, hop });
    const errand = { story, signal: hop.signal, onProgress: () => {} };
    const { modelsPath } = await installer.uninstall(node, errand);
    end =
      modelsPath === undefined
        ? "Nothing of rbee is left there."
        : `Its models stay there, in ${modelsPath}.`;
    await ssh.forget(node);
    // A machine that could not be reached may still have a hive that wants it.
    world.removeKey(world.nodes.require(name));
  } catch (error) {
    // Nobody is there any more to be told; the node stays.
    hop.signal.throwIfAborted();
    tellLeft(story, node, error);
    end = `What rbee left there could not be taken away: look at ${node.installPath} and ~/.rbee.`;
    await ssh.close(name);
  }
  hives.forget(name);
  registry.remove(name);
  return `Node '${name}' is removed from the rbee-hive registry. ${end}`;
}

async function stopHive(
  { hives, nodes }: RegistrarWorld,
  { name }: RegisteredNode,
  { story, hop }: Errand,
): Promise<void> {
  const access = nodes.require(name);
  if (!(await hives.isOwned(access))) return;
  const human = `Stopping rbee-hive on ${name}`;
  const line = { action: "hive-stop", target: name, human, cute: `🌙 ${human}` };
  story({ type: "tell", line });
  await hives.stop(access, story, hop.signal);
}

function tellLeft(story: Story, { name }: RegisteredNode, error: unknown): void {
  const why = RbeeError.is(error) ? error.message : "something unexpected went wrong";
  const human = `rbee cannot be taken away from ${name}: ${why}`;
  story({ type: "tell", line: { action: "node-left", target: name, human, level: "warn" } });
}
