import { randomBytes } from "node:crypto";
import { modelReferenceForms, RbeeError } from "@rbee/contract";
import type { CreateKeyRequest } from "@rbee/contract";
import type { KeyRing, Logger } from "@rbee/daemon";
import { createKey } from "@rbee/settings";
import { createKeyRing } from "./create-key-ring.ts";
import { createKeyUsage, localUsage } from "./create-key-usage.ts";
import type { OpenKeyUsage } from "./create-key-usage.ts";
import { createKnownKeys, digestOf, fingerprintOf } from "./create-known-keys.ts";
import { resolveKeyModel } from "./domain/resolve-key-model.ts";
import type { KeyStore, QueenKeys, ShownKey, StoredKey, UsageStore } from "./key-ports.ts";

export interface QueenKeysOptions {
  readonly store: KeyStore;
  readonly usageStore: UsageStore;
  /** Makes the key of this machine unless there is one; true when it was made now. */
  readonly ensureLocalKey: () => boolean;
  readonly aliases: () => Readonly<Record<string, string>>;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

export interface OpenQueenKeys {
  readonly keys: QueenKeys;
  readonly ring: KeyRing;
  readonly usage: OpenKeyUsage;
  /** Takes over what another program has written into the database. */
  readonly follow: () => void;
}

// Recognisable in a file or a log where it should not be.
const keyPrefix = "rbee_";

/** The API keys of a running queen: what is made or revoked counts from the next request on. */
export function createQueenKeys(options: QueenKeysOptions): OpenQueenKeys {
  const { logger, nowMs, aliases } = options;
  const known = createKnownKeys(options.store);
  const usage = createKeyUsage({
    store: options.usageStore,
    nameOf: (id) => known.get(id)?.name,
    logger,
    nowMs,
  });
  const show = ({ digest: _digest, ...key }: StoredKey, fingerprint: string): ShownKey => ({
    ...key,
    ...usage.totalOf(key.id),
    fingerprint,
  });
  const keys: QueenKeys = {
    list: () => known.list().map((key) => show(key, fingerprintOf(key))),
    create(request) {
      requireKeyModels(request.models, aliases());
      const key = `${keyPrefix}${createKey()}`;
      const stored = keyFromRequest(request, { digest: digestOf(key), nowMs: nowMs() });
      known.add(stored);
      const isFirst = options.ensureLocalKey();
      const shown = show(stored, fingerprintOf(stored));
      const { id, name, scope, fingerprint } = shown;
      logger.info({ id, name, scope, fingerprint }, "an API key was made");
      return { ...shown, key, isFirst };
    },
    revoke(id) {
      const stored = known.remove(id);
      if (stored === undefined) throw new RbeeError("KEY_NOT_FOUND", { key: id });
      const shown = show(stored, fingerprintOf(stored));
      const { name, fingerprint } = shown;
      logger.info({ id, name, fingerprint }, "an API key was revoked");
      return shown;
    },
    usage(days, id) {
      const found = usage.list(days, id);
      const isKnown = id === undefined || id === localUsage.id || known.get(id) !== undefined;
      if (!isKnown && found.length === 0) throw new RbeeError("KEY_NOT_FOUND", { key: id });
      return found.map(({ keyId, keyName, day, ...figures }) => ({
        id: keyId,
        name: keyName,
        day,
        requests: figures.requests,
        prompt_tokens: figures.promptTokens,
        generated_tokens: figures.generatedTokens,
      }));
    },
  };
  const ring = createKeyRing({ known, aliases, logger, nowMs });
  return { keys, ring, usage, follow: known.follow };
}

interface KeyFacts {
  readonly digest: Uint8Array;
  readonly nowMs: number;
}

function keyFromRequest(request: CreateKeyRequest, { digest, nowMs }: KeyFacts): StoredKey {
  const nowUnix = Math.floor(nowMs / 1000);
  const { expires_in_seconds: lifetime, expires_unix: end } = request;
  const expiresUnix = lifetime === undefined ? end : nowUnix + lifetime;
  if (expiresUnix !== undefined && expiresUnix <= nowUnix) {
    throw refused("expires_unix", "has passed already");
  }
  return {
    id: `key-${randomBytes(6).toString("hex")}`,
    name: request.name,
    digest,
    createdUnix: nowUnix,
    lastUsedUnix: undefined,
    scope: request.scope ?? "use",
    models: request.models,
    rate: request.rate,
    expiresUnix,
    priority: request.priority ?? "normal",
  };
}

// A name that means nothing would make a key that is for nothing.
function requireKeyModels(
  models: readonly string[] | undefined,
  aliases: Readonly<Record<string, string>>,
): void {
  if (models?.every((entry) => resolveKeyModel(entry, aliases) !== undefined) ?? true) return;
  const forms = [...modelReferenceForms, "hf:org/*", "an alias of the configuration"];
  throw new RbeeError("INVALID_MODEL_REF", { forms });
}

function refused(field: string, message: string): RbeeError {
  return new RbeeError("INVALID_REQUEST", { errors: [{ field, constraint: "range", message }] });
}
