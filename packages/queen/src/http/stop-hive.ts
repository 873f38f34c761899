import type { HiveStop, NodeAccess } from "../ports.ts";
import type { HttpWorld, QueenHandler } from "./http-world.ts";
import { streamErrand } from "./request-story.ts";

const outcomes: Readonly<Record<HiveStop, string>> = {
  "not-running": "was not running",
  graceful: "stopped",
  forced: "was ended by force",
};

/**
 * Stops it because a person says so, whoever started it; only the cascade keeps to the hives that
 * this queen started.
 */
export function stopHive(world: HttpWorld): QueenHandler<"stopHive"> {
  const { nodes, hives, logger } = world;
  return (call) => {
    const node = nodes.require(call.body.node);
    return call.stream(async (writer) => {
      const { story } = streamErrand(call, writer, logger);
      const human = `Stopping rbee-hive on ${node.name}`;
      story({ type: "tell", line: { action: "hive-stop", target: node.name, human } });
      const outcome = await hives.stop(node, story);
      await writer.send({ type: "done", done: true, message: describeStop(node, outcome) });
    });
  };
}

export function describeStop(node: NodeAccess, outcome: HiveStop): string {
  return `rbee-hive on ${node.name} ${outcomes[outcome]}`;
}
