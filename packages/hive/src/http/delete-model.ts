import type { HiveHandler, HttpWorld } from "./http-world.ts";
import { catalogueName } from "./resolve-model.ts";

export function deleteModel({ catalogue, aliases }: HttpWorld): HiveHandler<"deleteModel"> {
  return async ({ params }) => {
    const { id, freedBytes, isFileKept } = await catalogue.remove(
      catalogueName(params["id"] ?? "", aliases()),
    );
    return { success: true, id, freed_bytes: freedBytes, file_kept: isFileKept };
  };
}
