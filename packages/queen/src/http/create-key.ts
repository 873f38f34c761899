import type { HttpWorld, QueenHandler } from "./http-world.ts";
import { keyToWire } from "./key-to-wire.ts";

/** The answer is the only place where a key is ever shown. */
export function createKey({ keys }: HttpWorld): QueenHandler<"createKey"> {
  return ({ body }) => {
    const { key, isFirst, ...shown } = keys.create(body);
    return { ...keyToWire(shown), key, is_first: isFirst };
  };
}
