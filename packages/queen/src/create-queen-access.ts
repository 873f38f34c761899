import { existsSync } from "node:fs";
import { RbeeError, timings } from "@rbee/contract";
import type { KeyRing, Program } from "@rbee/daemon";
import { ensureKeyFile, keyFingerprint, readSecretFile } from "@rbee/settings";
import { createQueenKeys } from "./create-queen-keys.ts";
import type { KeyStore, KeyUsageCounter, QueenKeys, UsageStore } from "./key-ports.ts";

/** Who may ask this queen: the key in her key file, and the keys that she made. */
export interface QueenAccess {
  readonly currentKey: () => string | undefined;
  readonly keyRing: KeyRing;
  readonly keys: QueenKeys;
  readonly usage: KeyUsageCounter;
  /** True when nobody gets in without a key. */
  readonly isLocked: () => boolean;
  /** Takes over a rotated key. Throws INSECURE_SECRET; the old key stays then. */
  readonly reload: () => void;
  /** Writes down what keys asked for. */
  readonly close: () => void;
}

export interface AccessStores {
  readonly keys: KeyStore;
  readonly usage: UsageStore;
}

type AccessProgram = Pick<Program, "live" | "environment" | "logger">;

/** Reads the key file. Throws INSECURE_SECRET for one that cannot be used. */
export function createQueenAccess(program: AccessProgram, stores: AccessStores): QueenAccess {
  const { live, logger } = program;
  let key = readKey(program);
  const ensureLocalKey = () => {
    if (key !== undefined) return false;
    key = ensureKeyFile(live.paths().queenKey);
    logger.info({ fingerprint: keyFingerprint(key) }, "this machine got a key of its own");
    return true;
  };
  const { keys, ring, usage, follow } = createQueenKeys({
    store: stores.keys,
    usageStore: stores.usage,
    aliases: () => live.current().settings.aliases,
    logger,
    nowMs: Date.now,
    ensureLocalKey,
  });
  // A queen with keys has this one too, so that revoking the last of them opens no door.
  const stayLocked = () => void (ring.isEmpty() || ensureLocalKey());
  stayLocked();
  const sync = setInterval(() => {
    // A database that cannot be read now keeps the keys as they are.
    try {
      follow();
      stayLocked();
    } catch (error) {
      logger.warn({ error }, "the API keys could not be read again");
    }
  }, timings.keySyncMs);
  sync.unref();
  return {
    currentKey: () => key,
    keyRing: ring,
    keys,
    usage,
    isLocked: () => key !== undefined || !ring.isEmpty(),
    reload() {
      const next = readKey(program);
      if (next === key) return;
      if (next === undefined) {
        // Nobody opens a door by losing its key: without a file, a restart decides.
        const reason = "is not there any more; the old key stays until a restart";
        throw new RbeeError("INSECURE_SECRET", { path: live.paths().queenKey, reason });
      }
      key = next;
      logger.info({ fingerprint: keyFingerprint(next) }, "another API key is in force");
    },
    close() {
      clearInterval(sync);
      usage.close();
    },
  };
}

// A file that the configuration names must be there; the usual place may be empty.
function readKey({ live, environment }: AccessProgram): string | undefined {
  const path = live.paths().queenKey;
  const isNamed = live.current().settings.queen.api_key_file !== undefined;
  return isNamed || existsSync(path) ? readSecretFile(path, environment) : undefined;
}
