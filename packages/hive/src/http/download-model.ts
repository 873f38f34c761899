import type { HiveHandler, HttpWorld } from "./http-world.ts";
import { resolveModel } from "./resolve-model.ts";

export function downloadModel({ provisioner, aliases }: HttpWorld): HiveHandler<"downloadModel"> {
  return async ({ body }) => {
    const reference = resolveModel(body.model_ref, aliases());
    const { downloadId, model } = await provisioner.startDownload(reference);
    return {
      download_id: downloadId,
      ...(model === undefined ? {} : { local_path: model.localPath }),
    };
  };
}
