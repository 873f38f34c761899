import type { HiveHandler, HttpWorld } from "./http-world.ts";
import { modelToWire } from "./model-to-wire.ts";

export function downloadProgress({ provisioner }: HttpWorld): HiveHandler<"downloadProgress"> {
  return ({ query, signal, stream }) => {
    const events = provisioner.watchDownload(query.id, signal);
    return stream(async ({ send }) => {
      for await (const event of events) {
        if (event.type !== "done") await send(event);
        else {
          const model = modelToWire(event.model);
          await send({ type: "done", done: true, model, already_present: false });
        }
      }
    });
  };
}
