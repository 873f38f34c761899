import { timings } from "@rbee/contract";
import type { HttpWorld, QueenHandler } from "./http-world.ts";
import { modelName } from "./model-name.ts";
import { streamErrand } from "./request-story.ts";

export function verifyModels(world: HttpWorld): QueenHandler<"verifyModels"> {
  const { nodes, hives, logger } = world;
  return (call) => {
    const { model } = call.body;
    const node = nodes.require(call.body.node);
    const reference = model === undefined ? undefined : modelName(model, world);
    return call.stream(async (writer) => {
      const errand = streamErrand(call, writer, logger);
      await hives.ensure(node, errand);
      const events = await hives.client(node, errand.hop).stream("verifyModels", {
        body: { model_ref: reference },
        silenceMs: timings.keepAliveMs,
      });
      for await (const event of events) await writer.send(event);
    });
  };
}
