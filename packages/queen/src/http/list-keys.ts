import type { HttpWorld, QueenHandler } from "./http-world.ts";
import { keyToWire } from "./key-to-wire.ts";

export function listKeys({ keys }: HttpWorld): QueenHandler<"listKeys"> {
  return () => ({ keys: keys.list().map(keyToWire) });
}
