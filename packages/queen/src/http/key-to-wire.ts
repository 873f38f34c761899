import type { KeyOnWire } from "@rbee/contract";
import type { ShownKey } from "../key-ports.ts";

export function keyToWire(key: ShownKey): KeyOnWire {
  return {
    id: key.id,
    name: key.name,
    fingerprint: key.fingerprint,
    scope: key.scope,
    models: key.models === undefined ? null : [...key.models],
    rate: key.rate ?? null,
    expires_unix: key.expiresUnix ?? null,
    priority: key.priority,
    created_unix: key.createdUnix,
    last_used_unix: key.lastUsedUnix ?? null,
    requests: key.requests,
    prompt_tokens: key.promptTokens,
    generated_tokens: key.generatedTokens,
  };
}
