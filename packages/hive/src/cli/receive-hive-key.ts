import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { RbeeError, sizes } from "@rbee/contract";

const where = "the first line of stdin";

/** Throws INSECURE_SECRET when no usable key comes. */
export async function readKeyLine(input: Readable): Promise<string> {
  const lines = createInterface({ input });
  try {
    for await (const line of lines) {
      if (line.length >= sizes.keyCharactersMin && !/\s/.test(line)) return line;
      const reason = `is no key of at least ${sizes.keyCharactersMin} characters`;
      throw new RbeeError("INSECURE_SECRET", { path: where, reason });
    }
    throw new RbeeError("INSECURE_SECRET", { path: where, reason: "never came" });
  } finally {
    lines.close();
    input.destroy();
  }
}

/** Appears whole or not at all, and never readable for anybody else. */
export function writeKeyFile(path: string, key: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${key}\n`, { mode: 0o600 });
  renameSync(draft, path);
}
