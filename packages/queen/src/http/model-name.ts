import { resolveModel } from "../domain/resolve-model.ts";
import type { HttpWorld } from "./http-world.ts";

/** A reference in its canonical form where it is one, else the id of a catalogue as it came. */
export function modelName(name: string, { aliases }: Pick<HttpWorld, "aliases">): string {
  return resolveModel(name, aliases()) ?? name;
}
