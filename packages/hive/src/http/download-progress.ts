import type { HiveHandler, HttpWorld } from "./http-world.ts";

export function downloadProgress({ provisioner }: HttpWorld): HiveHandler<"downloadProgress"> {
  return ({ query, signal, stream }) => {
    const events = provisioner.watchDownload(query.id, signal);
    return stream(async ({ send }) => {
      for await (const event of events) await send(event);
    });
  };
}
