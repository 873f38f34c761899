import { timings } from "@rbee/contract";
import type { NodeAccess } from "../ports.ts";
import { requireModel } from "./create-task.ts";
import type { HttpWorld, QueenHandler } from "./http-world.ts";
import { requireModelAllowed } from "./require-model-allowed.ts";
import { streamErrand } from "./request-story.ts";

/** Fetches a model to a node; a fetch that runs already is joined by the hive. */
export function pullModel(world: HttpWorld): QueenHandler<"pullModel"> {
  const { nodes, hives, logger } = world;
  return (call) => {
    world.requireOpen();
    const model = requireModel(call.body.model, world);
    requireModelAllowed(call.caller, model);
    const node = nodes.require(call.body.node);
    return call.stream(async (writer) => {
      const errand = streamErrand(call, writer, logger);
      await hives.ensure(node, errand);
      const client = hives.client(node, errand.hop);
      const answer = await client.call("downloadModel", { body: { model_ref: model } });
      if (answer.download_id === "cached") {
        const present = await client.call("getModel", { params: { id: model } });
        await writer.send({ type: "done", done: true, model: present, already_present: true });
        return;
      }
      const events = await client.stream("downloadProgress", {
        query: { id: answer.download_id },
        silenceMs: timings.keepAliveMs,
      });
      for await (const event of events) await writer.send(atNode(event, node));
    });
  };
}

// The end of a pull and its errors say themselves where they belong.
function atNode(event: { readonly type: string }, node: NodeAccess): object {
  const isOnTheWay = event.type === "narration" || event.type === "progress";
  return isOnTheWay ? { ...event, node: node.name } : event;
}
