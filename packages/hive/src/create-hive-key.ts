import { existsSync } from "node:fs";
import { RbeeError } from "@rbee/contract";
import type { Program } from "@rbee/daemon";
import { keyFingerprint, readSecretFile } from "@rbee/settings";

export interface HiveKey {
  /** Undefined when this hive needs none. */
  readonly current: () => string | undefined;
  /** Takes over a rotated key. Throws INSECURE_SECRET; the old key stays then. */
  readonly reload: () => void;
}

type KeyProgram = Pick<Program, "live" | "environment" | "logger">;

/** Reads the key file. Throws INSECURE_SECRET for one that cannot be used. */
export function createHiveKey(program: KeyProgram): HiveKey {
  const { live, logger } = program;
  let key = readKey(program);
  return {
    current: () => key,
    reload() {
      const next = readKey(program);
      if (next === key) return;
      if (next === undefined) {
        // Nobody opens a door by losing its key: without a file, a restart decides.
        const reason = "is not there any more; the old key stays until a restart";
        throw new RbeeError("INSECURE_SECRET", { path: live.paths().hiveKey, reason });
      }
      key = next;
      logger.info({ fingerprint: keyFingerprint(next) }, "another API key is in force");
    },
  };
}

// A file that the configuration names must be there. In the usual place, absent is a choice
// (loopback without a key); present and unreadable is a failure.
function readKey({ live, environment }: KeyProgram): string | undefined {
  const path = live.paths().hiveKey;
  const isNamed = live.current().settings.hive.api_key_file !== undefined;
  return isNamed || existsSync(path) ? readSecretFile(path, environment) : undefined;
}
