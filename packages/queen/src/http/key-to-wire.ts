import type { KeyOnWire } from "@rbee/contract";
import type { ShownKey } from "../key-ports.ts";

export function keyToWire(key: ShownKey): KeyOnWire {
  const { id, name, fingerprint, createdUnix, lastUsedUnix = null } = key;
  return { id, name, fingerprint, created_unix: createdUnix, last_used_unix: lastUsedUnix };
}
