import type { HttpWorld, QueenHandler } from "./http-world.ts";
import { streamErrand } from "./request-story.ts";

/** Makes sure that it runs; one that does is left as it is. */
export function startHive(world: HttpWorld): QueenHandler<"startHive"> {
  const { nodes, hives, logger } = world;
  return (call) => {
    world.requireOpen();
    const node = nodes.require(call.body.node);
    return call.stream(async (writer) => {
      const { pid, version } = await hives.start(node, streamErrand(call, writer, logger));
      const message = `rbee-hive v${version} runs on ${node.name} (process ${pid})`;
      await writer.send({ type: "done", done: true, message });
    });
  };
}
