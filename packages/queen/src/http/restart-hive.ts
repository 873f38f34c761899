import type { HttpWorld, QueenHandler } from "./http-world.ts";
import { streamErrand } from "./request-story.ts";
import { describeStop } from "./stop-hive.ts";

export function restartHive(world: HttpWorld): QueenHandler<"restartHive"> {
  const { nodes, hives, logger } = world;
  return (call) => {
    world.requireOpen();
    const node = nodes.require(call.body.node);
    return call.stream(async (writer) => {
      const errand = streamErrand(call, writer, logger);
      const outcome = await hives.stop(node, errand.story);
      const human = describeStop(node, outcome);
      errand.story({ type: "tell", line: { action: "hive-stop", target: node.name, human } });
      const { pid, version } = await hives.ensure(node, errand);
      const message = `rbee-hive v${version} runs on ${node.name} (process ${pid})`;
      await writer.send({ type: "done", done: true, message });
    });
  };
}
